#include "cli/schedule_options.h"

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/time.h"
#include "cli/arguments.h"
#include "cli/failure.h"

namespace bellpull::cli {

namespace json = boost::json;

namespace {

enum class Kind : std::uint8_t { text, choice, number, duration };

// One option, and the member of a trigger that it sets.
struct Setting {
  std::string_view option;
  std::string_view member;
  Kind kind;
  std::string_view value;
  std::string_view help;
};

constexpr std::array settings{
    Setting{"--start", "scheduleStartAt", Kind::text, "TIME",
            "nothing is due before it, such as 2026-07-01T09:00"},
    Setting{"--end", "scheduleEndAt", Kind::text, "TIME", "nothing is due after it"},
    Setting{"--jitter", "scheduleJitter", Kind::duration, "DURATION",
            "delay each by up to this, such as 5m"},
    Setting{"--catch-up", "scheduleCatchUp", Kind::choice, "WHICH",
            "which fire late when they were missed: last, none or all"},
    Setting{"--catch-up-limit", "scheduleCatchUpLimit", Kind::number, "N",
            "how many fire late when all do"},
    Setting{"--catch-up-window", "scheduleCatchUpWindow", Kind::duration, "DURATION",
            "how late one may be at most, such as 6h"},
    Setting{"--overlap", "scheduleOverlap", Kind::choice, "HOW",
            "while the run before goes on: queue or skip"},
    Setting{"--pause-after", "schedulePauseAfter", Kind::number, "N",
            "pause the schedule after so many failed runs in a row"},
    Setting{"--body", "scheduleBody", Kind::text, "BODY", "what is sent to the bot"},
    Setting{"--session", "scheduleSession", Kind::text, "SESSION", "the session it belongs to"},
};

// The parts of a trigger's scheduleContact.
constexpr std::array contact_settings{
    Setting{"--contact-name", "name", Kind::text, "NAME", "who it is from"},
    Setting{"--contact-email", "email", Kind::text, "EMAIL", "their e-mail address"},
    Setting{"--contact-phone", "phone", Kind::text, "PHONE", "their phone number"},
};

constexpr std::string_view nothing = "none";

Outcome<json::value> value_of(const Arguments& arguments, const Setting& setting) {
  const std::string text = arguments.text(setting.option);
  // Of the choices "none" is one.
  if (setting.kind != Kind::choice && (text == nothing || text.empty())) return nullptr;
  if (setting.kind == Kind::number) {
    const auto number = arguments.number(setting.option, 1);
    if (!number) return std::unexpected(number.error());
    return json::value(number->value_or(0));
  }
  if (setting.kind == Kind::duration) {
    const auto duration = arguments.duration(setting.option);
    if (!duration) return std::unexpected(duration.error());
    return json::value(duration->value_or(Duration{0}).count());
  }
  return json::value(text);
}

// Kept parts stay when one of them is set.
json::object contact_change(const Arguments& arguments, const json::object& trigger) {
  json::object contact;
  bool is_changed = false;
  const json::value* kept = trigger.if_contains("scheduleContact");
  if (kept != nullptr && kept->is_object()) contact = kept->get_object();
  for (const Setting& setting : contact_settings) {
    if (!arguments.has(setting.option)) continue;
    is_changed = true;
    const std::string text = arguments.text(setting.option);
    contact[setting.member] = text == nothing ? json::value(nullptr) : json::value(text);
  }
  return is_changed ? json::object{{"scheduleContact", std::move(contact)}} : json::object{};
}

}  // namespace

Option timezone_option() {
  return {"--tz,--timezone", "ZONE", "its time zone, such as Europe/Sofia; \"\": UTC"};
}

std::vector<Option> schedule_options() {
  std::vector<Option> options{timezone_option()};
  for (const Setting& setting : settings) {
    options.push_back({setting.option, setting.value, setting.help});
  }
  for (const Setting& setting : contact_settings) {
    options.push_back({setting.option, setting.value, setting.help});
  }
  return options;
}

Outcome<json::object> schedule_change(const Arguments& arguments, const json::object& trigger) {
  json::object change = contact_change(arguments, trigger);
  if (arguments.has("--timezone")) {
    const std::string zone = arguments.text("--timezone");
    change["timezone"] = zone == nothing ? "" : zone;
  }
  for (const Setting& setting : settings) {
    if (!arguments.has(setting.option)) continue;
    auto value = value_of(arguments, setting);
    if (!value) return std::unexpected(value.error());
    change[setting.member] = *std::move(value);
  }
  return change;
}

}  // namespace bellpull::cli
