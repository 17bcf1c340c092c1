#include "app/settings.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>  // IWYU pragma: keep
#include <fmt/core.h>
#include <toml++/toml.h>  // IWYU pragma: keep

#include "app/mcp_settings.h"
#include "app/provider_settings.h"
#include "base/duration.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "database/declaration.h"
#include "domain/account.h"
#include "egress/smtp_call.h"
#include "schedule/nearest_name.h"

namespace bellpull {

namespace {

using Apply = std::function<Result<void>(Settings&, const std::string& value)>;

// `secret` settings have no flag, because other users can see a process's arguments; `named` ones
// have none, because their keys hold a name of the operator's.
enum class Visibility : std::uint8_t { open, secret, named };

struct Setting {
  std::string key;
  std::string shape;  // what a value looks like, for help and errors
  std::string help;
  Apply apply;
  Visibility visibility = Visibility::open;
};

Result<std::int64_t> parse_number(std::string_view text, std::int64_t low, std::int64_t high) {
  std::int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc{} || end != text.data() + text.size() || number < low || number > high) {
    return fail(ErrorCode::invalid, "must be a whole number from " + std::to_string(low) + " to " +
                                        std::to_string(high));
  }
  return number;
}

Result<Duration> read_duration(std::string_view text) {
  if (const auto duration = parse_duration(text)) return *duration;
  return fail(ErrorCode::invalid, "must be a duration such as 250ms, 30s, 5m or 2h");
}

Apply text(std::string Settings::* member) {
  return [member](Settings& settings, const std::string& value) -> Result<void> {
    settings.*member = value;
    return {};
  };
}

Apply count(std::size_t Settings::* member, std::int64_t low, std::int64_t high) {
  return [=](Settings& settings, const std::string& value) -> Result<void> {
    const auto number = parse_number(value, low, high);
    if (!number) return std::unexpected(number.error());
    settings.*member = static_cast<std::size_t>(*number);
    return {};
  };
}

// For members of members: `place` gives the one to set.
template <class T>
Apply number_at(T& (*place)(Settings&), std::int64_t low, std::int64_t high) {
  return [=](Settings& settings, const std::string& value) -> Result<void> {
    const auto number = parse_number(value, low, high);
    if (!number) return std::unexpected(number.error());
    place(settings) = static_cast<T>(*number);
    return {};
  };
}

Apply duration_at(Duration& (*place)(Settings&)) {
  return [=](Settings& settings, const std::string& value) -> Result<void> {
    const auto duration = read_duration(value);
    if (!duration) return std::unexpected(duration.error());
    place(settings) = *duration;
    return {};
  };
}

Result<bool> parse_bool(std::string_view value) {
  if (value == "true" || value == "1" || value == "yes") return true;
  if (value == "false" || value == "0" || value == "no") return false;
  return fail(ErrorCode::invalid, "must be true or false");
}

Apply flag(bool Settings::* member) {
  return [member](Settings& settings, const std::string& value) -> Result<void> {
    const auto parsed = parse_bool(value);
    if (!parsed) return std::unexpected(parsed.error());
    settings.*member = *parsed;
    return {};
  };
}

template <class T>
Apply one_of(T Settings::* member, std::vector<std::pair<std::string, T>> choices) {
  return [member, choices = std::move(choices)](Settings& settings,
                                                const std::string& value) -> Result<void> {
    std::string known;
    for (const auto& [name, choice] : choices) {
      if (name == value) {
        settings.*member = choice;
        return {};
      }
      known += (known.empty() ? "" : ", ") + name;
    }
    return fail(ErrorCode::invalid, "must be one of " + known);
  };
}

Result<void> set_listen(Settings& settings, const std::string& value) {
  constexpr const char* shape = "must be ADDRESS:PORT, such as 127.0.0.1:8484";
  const std::size_t colon = value.rfind(':');
  if (colon == std::string::npos) return fail(ErrorCode::invalid, shape);
  const auto port = parse_number(std::string_view{value}.substr(colon + 1), 0, 65'535);
  if (!port) return fail(ErrorCode::invalid, shape);
  settings.address = value.substr(0, colon);
  if (settings.address.starts_with('[') && settings.address.ends_with(']')) {
    settings.address = settings.address.substr(1, settings.address.size() - 2);
  }
  settings.port = static_cast<std::uint16_t>(*port);
  return {};
}

// Lists come as comma-separated text from flags and the environment; a file's array is joined so.
std::vector<std::string> list_of(const std::string& value) {
  std::vector<std::string> list;
  std::istringstream items{value};
  for (std::string item; std::getline(items, item, ',');) {
    const std::size_t first = item.find_first_not_of(' ');
    if (first == std::string::npos) continue;
    list.push_back(item.substr(first, item.find_last_not_of(' ') - first + 1));
  }
  return list;
}

Result<void> set_egress_allow(Settings& settings, const std::string& value) {
  settings.egress_allow = list_of(value);
  return {};
}

// An origin with a path, or without its scheme, would never be equal to what a browser sends.
bool is_origin(std::string_view text) {
  const std::size_t colon = text.find("://");
  if (colon == 0 || colon == std::string_view::npos) return false;
  const std::string_view host = text.substr(colon + 3);
  return !host.empty() && host.find_first_of("/*") == std::string_view::npos;
}

Result<void> set_origins(Settings& settings, const std::string& value) {
  std::vector<std::string> origins = list_of(value);
  for (const std::string& origin : origins) {
    if (origin == "*" || is_origin(origin)) continue;
    return fail(ErrorCode::invalid, "must be * or origins such as https://app.example.com");
  }
  settings.origins = std::move(origins);
  return {};
}

Result<void> set_currency(Settings& settings, const std::string& value) {
  const bool is_code =
      value.size() == 3 && std::ranges::all_of(value, [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!is_code) return fail(ErrorCode::invalid, "must be three capital letters, such as EUR");
  settings.currency = value;
  return {};
}

Result<void> set_key_lifetime(Settings& settings, const std::string& value) {
  const auto lifetime = read_duration(value);
  if (!lifetime) return std::unexpected(lifetime.error());
  if (*lifetime < std::chrono::seconds{1} || *lifetime > std::chrono::days{30}) {
    return fail(ErrorCode::invalid, "must be from 1s to 720h");
  }
  settings.keys.lifetime = *lifetime;
  return {};
}

// A link is this and a path.
Result<void> set_public_url(Settings& settings, const std::string& value) {
  const bool is_http = value.starts_with("http://") || value.starts_with("https://");
  if (!value.empty() && !(is_http && is_origin(value))) {
    return fail(ErrorCode::invalid,
                "must be a URL without a path, such as https://bell.example.com");
  }
  settings.public_url = value;
  return {};
}

Result<void> set_mail_starttls(Settings& settings, const std::string& value) {
  if (value == "required") {
    settings.mail_starttls = StartTls::required;
  } else if (value == "when_offered") {
    settings.mail_starttls = StartTls::when_offered;
  } else if (value == "never") {
    settings.mail_starttls = StartTls::never;
  } else {
    return fail(ErrorCode::invalid, "must be one of required, when_offered, never");
  }
  return {};
}

Result<void> set_mail_domains(Settings& settings, const std::string& value) {
  std::vector<std::string> domains = list_of(value);
  for (std::string& domain : domains) {
    std::ranges::transform(domain, domain.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    });
    const bool is_domain =
        domain.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos;
    if (!is_domain || domain.ends_with('.')) {
      return fail(ErrorCode::invalid, "must be domains such as example.com or .example.com");
    }
  }
  settings.mail_domains = std::move(domains);
  return {};
}

void set_openai_base_url(Settings& settings, const std::string& value) {
  settings.openai_base_url = value;
  settings.openai_is_configured = true;
}

std::vector<Setting> all_settings() {
  constexpr std::int64_t many = std::numeric_limits<std::int32_t>::max();
  constexpr std::int64_t most_events = 1'000'000;
  const std::string whole = "N";
  const std::string time = "DURATION";
  return {
      {"listen", "ADDRESS:PORT", "where to listen; port 0 picks a free one", set_listen},
      {"data", "DIR", "the data directory",
       [](Settings& settings, const std::string& value) -> Result<void> {
         settings.data = value;
         return {};
       }},
      {"workers", whole, "runs at the same time; 0 keeps events without running them",
       count(&Settings::workers, 0, 100'000)},
      {"io_threads", whole, "threads that serve HTTP", count(&Settings::io_threads, 1, 64)},
      {"grace", time, "how long a stop waits for what is running",
       duration_at([](Settings& s) -> Duration& { return s.grace; })},
      {"tls_cert", "FILE", "certificate chain (PEM); with tls_key, serves HTTPS",
       text(&Settings::tls_cert)},
      {"tls_key", "FILE", "private key (PEM)", text(&Settings::tls_key)},
      {"log_format", "text|json", "one line a fact, as text or JSON",
       one_of(&Settings::log_format, {{"text", LogFormat::text}, {"json", LogFormat::json}})},
      {"log_level", "debug|info|warning|error", "the least that is logged",
       one_of(&Settings::log_level, {{"debug", LogLevel::debug},
                                     {"info", LogLevel::info},
                                     {"warning", LogLevel::warning},
                                     {"error", LogLevel::error}})},
      {"event.body_limit", "BYTES", "the largest event body",
       count(&Settings::event_body_limit, 1, 64 << 20)},
      {"ingest.trigger_rate", whole, "events a second that one trigger takes; 0 is no limit",
       number_at<std::int64_t>(
           [](Settings& s) -> std::int64_t& { return s.trigger_rate.per_second; }, 0, most_events)},
      {"ingest.trigger_burst", whole, "events that it takes at once; 0 is one second's worth",
       number_at<std::int64_t>([](Settings& s) -> std::int64_t& { return s.trigger_rate.burst; }, 0,
                               most_events)},
      {"idempotency.ttl", time, "how long an Idempotency-Key counts, 1s to 720h", set_key_lifetime},
      {"idempotency.account_bytes", "BYTES", "room for an account's answers to calls with a key",
       number_at<std::int64_t>([](Settings& s) -> std::int64_t& { return s.keys.account_bytes; }, 0,
                               std::int64_t{1} << 40)},
      {"api.timestamps", "iso|ms", "the form of timestamps where nobody asks for one",
       one_of(&Settings::timestamps, {{"iso", TimestampForm::iso}, {"ms", TimestampForm::ms}})},
      {"api.origins", "ORIGIN,...", "web pages whose browsers may call the API; * is any",
       set_origins},
      {"api.public_url", "URL", "where clients reach the server, for links to files and approvals",
       set_public_url},
      {"api.trust_forwarded", "true|false",
       "whether X-Forwarded-Proto and -Host say where, for a server behind a proxy only",
       flag(&Settings::trust_forwarded)},
      {"file.content_limit", "BYTES", "the largest content of a file",
       count(&Settings::file_limit, 1, 64 << 20)},
      {"trigger.require_bot", "true|false", "whether a trigger must be created with a bot",
       flag(&Settings::require_bot)},
      {"log.days", whole, "days that the event log goes back; 0 is no bound",
       count(&Settings::log_days, 0, 36'500)},
      {"log.items", whole, "entries that it holds, of all accounts; 0 is no bound",
       count(&Settings::log_items, 0, 1'000'000'000)},
      {"usage.currency", "CODE", "the currency that prices are in", set_currency},
      {"egress.allow", "RULE,...", "what bots may reach beside public addresses (docs/operate)",
       set_egress_allow},
      {"model.default", "MODEL", "the model of bots that name none",
       text(&Settings::default_model)},
      {"openai.base_url", "URL", "an OpenAI-compatible endpoint",
       [](Settings& settings, const std::string& value) -> Result<void> {
         set_openai_base_url(settings, value);
         return {};
       }},
      {"openai.api_key", "KEY", "its key", text(&Settings::openai_api_key), Visibility::secret},
      {"openai.models", "NAME,...",
       "models of it, for the list of models; any other may be used too",
       [](Settings& settings, const std::string& value) -> Result<void> {
         settings.openai_models = list_of(value);
         return {};
       }},
      {"openai.failures_to_pause", whole,
       "failures in a row after which it is asked no more for a while; 0 is no bound",
       count(&Settings::openai_failures_to_pause, 0, 1'000'000)},
      {"openai.fallback", "MODEL,...", "models that are asked in that order when it can't answer",
       [](Settings& settings, const std::string& value) -> Result<void> {
         settings.openai_fallbacks = list_of(value);
         return {};
       }},
      {"openai.system_role", "system|developer", "the role of the system text",
       text(&Settings::openai_system_role)},
      {"openai.max_tokens_field", "NAME", "max_tokens or max_completion_tokens",
       text(&Settings::openai_max_tokens_field)},
      {"openai.stream", "true|false", "whether answers are streamed",
       flag(&Settings::openai_streams)},
      {"openai.timeout", time, "until an answer begins to come, or without a stream is whole",
       duration_at([](Settings& s) -> Duration& { return s.openai_timeout; })},
      {"openai.idle_timeout", time, "of a stream, from one piece to the next",
       duration_at([](Settings& s) -> Duration& { return s.openai_idle_timeout; })},
      {"mail.relay", "URL", "the mail relay, smtp://host:port or smtps://host:port (docs/operate)",
       text(&Settings::mail_relay)},
      {"mail.from", "ADDRESS", "whom mails come from, such as Bellpull <bell@example.com>",
       text(&Settings::mail_from)},
      {"mail.user", "NAME", "the relay's login", text(&Settings::mail_user)},
      {"mail.password", "PASSWORD", "its password", text(&Settings::mail_password),
       Visibility::secret},
      {"mail.starttls", "required|when_offered|never",
       "whether smtp:// changes to TLS; unset: required with a login, else when offered",
       set_mail_starttls},
      {"mail.ca_file", "FILE", "certificates (PEM) that vouch for the relay; unset: the system's",
       text(&Settings::mail_ca_file)},
      {"mail.domains", "DOMAIN,...", "where mails may go, .example.com for all below; unset: any",
       set_mail_domains},
      {"mail.recipients", whole, "recipients of one mail",
       count(&Settings::mail_recipients, 1, 1'000)},
      {"mail.timeout", time, "for one try to hand a mail over",
       duration_at([](Settings& s) -> Duration& { return s.mail_timeout; })},
      {"run.wall_time", time, "the longest attempt",
       duration_at([](Settings& s) -> Duration& { return s.run.wall_time; })},
      {"run.steps", whole, "model calls of one run",
       number_at<std::int64_t>([](Settings& s) -> std::int64_t& { return s.run.steps; }, 1, many)},
      {"run.calls", whole, "tool calls of one run",
       number_at<std::int64_t>([](Settings& s) -> std::int64_t& { return s.run.calls; }, 1, many)},
      {"run.tokens", whole, "tokens of one run; 0 is no bound",
       number_at<std::int64_t>([](Settings& s) -> std::int64_t& { return s.run.tokens; }, 0, many)},
      {"retry.attempts", whole, "attempts at one run",
       number_at<std::int64_t>([](Settings& s) -> std::int64_t& { return s.retry.attempts; }, 1,
                               1'000)},
      {"retry.first_delay", time, "before the second attempt",
       duration_at([](Settings& s) -> Duration& { return s.retry.first_delay; })},
      {"retry.longest_delay", time, "between two attempts",
       duration_at([](Settings& s) -> Duration& { return s.retry.longest_delay; })},
      {"limits.running_per_trigger", whole, "runs of one trigger at the same time; 0 is no bound",
       count(&Settings::running_per_trigger, 0, many)},
      {"limits.running_per_account", whole, "runs of one account at the same time; 0 is no bound",
       count(&Settings::running_per_account, 0, many)},
      {"limits.calls_per_ability", whole,
       "calls of one ability at the same time, where its instruction names no number; 0 is no "
       "bound",
       count(&Settings::calls_per_ability, 0, many)},
      {"limits.calls_by_hand", whole,
       "abilities that an account may try out at the same time (`ability/{abilityId}/execute`)",
       count(&Settings::calls_by_hand, 1, many)},
      {"limits.hops", whole,
       "how many triggers and bots may call one another in a row; 0 lets none do so",
       number_at<std::int64_t>([](Settings& s) -> std::int64_t& { return s.max_hops; }, 0, 1'000)},
  };
}

// The declaration of that name, made when it is first spoken of.
DatabaseDeclaration& database_of(Settings& settings, const std::string& name) {
  const auto found = std::ranges::find(settings.databases, name, &DatabaseDeclaration::name);
  if (found != settings.databases.end()) return *found;
  return settings.databases.emplace_back(DatabaseDeclaration{.name = name});
}

// What is said of one database; `parse` reads a value into its member.
template <class T, class Parse>
Apply of_database(const std::string& name, T DatabaseDeclaration::* member, Parse parse) {
  return [=](Settings& settings, const std::string& value) -> Result<void> {
    auto parsed = parse(value);
    if (!parsed) return std::unexpected(parsed.error());
    database_of(settings, name).*member = static_cast<T>(std::move(*parsed));
    return {};
  };
}

std::vector<Setting> database_settings(const std::string& name) {
  using Declared = DatabaseDeclaration;
  const auto as_text = [](const std::string& value) { return Result<std::string>{value}; };
  const auto from_to = [](std::int64_t low, std::int64_t high) {
    return [=](const std::string& value) { return parse_number(value, low, high); };
  };
  const auto some_time = [](const std::string& value) -> Result<Duration> {
    const auto time = read_duration(value);
    if (time && *time > Duration{0} && *time <= std::chrono::minutes{10}) return time;
    return fail(ErrorCode::invalid, "must be a duration up to 10m, such as 250ms or 30s");
  };
  const std::string key = "database." + name + ".";
  return {
      {key + "postgresql", "URI", "a PostgreSQL database: postgresql://USER@HOST/DATABASE",
       of_database(name, &Declared::postgresql, as_text), Visibility::secret},
      {key + "sqlite", "FILE", "a SQLite file outside of the data directory",
       of_database(name, &Declared::sqlite, as_text), Visibility::named},
      {key + "password", "PASSWORD", "of the PostgreSQL role",
       of_database(name, &Declared::password, as_text), Visibility::secret},
      {key + "password_file", "FILE", "which holds it",
       of_database(name, &Declared::password_file, as_text), Visibility::named},
      {key + "search_path", "SCHEMA,...", "where PostgreSQL looks names up",
       of_database(name, &Declared::search_path, as_text), Visibility::named},
      {key + "superuser", "true|false", "accept a role that may do anything on its host",
       of_database(name, &Declared::superuser, parse_bool), Visibility::named},
      {key + "writable", "true|false", "whether statements may write",
       of_database(name, &Declared::writable, parse_bool), Visibility::named},
      {key + "max_rows", "N", "rows of one reply",
       of_database(name, &Declared::max_rows, from_to(1, 10'000)), Visibility::named},
      {key + "max_bytes", "BYTES", "of its values",
       of_database(name, &Declared::max_bytes, from_to(1'024, 8 << 20)), Visibility::named},
      {key + "timeout", "DURATION", "for one statement",
       of_database(name, &Declared::timeout, some_time), Visibility::named},
      {key + "pool", "N", "statements at the same time",
       of_database(name, &Declared::pool, from_to(1, 64)), Visibility::named},
  };
}

// Keys of the same file that the command line reads.
constexpr std::string_view client_keys[] = {"url", "token", "token_file", "ca_file"};
// Variables that are not settings of the table.
constexpr std::string_view other_variables[] = {
    "BELLPULL_ADMIN_TOKEN", "BELLPULL_MASTER_KEY", "BELLPULL_NEW_MASTER_KEY",
    "BELLPULL_CONFIG",      "BELLPULL_URL",        "BELLPULL_TOKEN",
    "BELLPULL_TOKEN_FILE",  "BELLPULL_CA_FILE",    "BELLPULL_BINARY"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

std::string flag_of(const std::string& key) {
  std::string name = "--" + key;
  std::ranges::replace_if(name, [](char c) { return c == '.' || c == '_'; }, '-');
  return name;
}

std::string variable_of(const std::string& key) {
  std::string name = "BELLPULL_" + key;
  for (char& c : name) c = c == '.' ? '_' : static_cast<char>(std::toupper(c));
  return name;
}

std::string did_you_mean(std::string_view text, const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates{known.begin(), known.end()};
  const auto nearest = nearest_name(text, candidates);
  return nearest ? "did you mean " + std::string{*nearest} + "?" : "";
}

Result<void> apply(const Setting& setting, Settings& settings, const std::string& value,
                   const std::string& place) {
  auto applied = setting.apply(settings, value);
  if (applied) return applied;
  applied.error().message = place + " " + applied.error().message;
  return applied;
}

const Setting* find_setting(const std::vector<Setting>& table, std::string_view key) {
  const auto found = std::ranges::find(table, key, &Setting::key);
  return found == table.end() ? nullptr : &*found;
}

// NOLINTBEGIN(misc-include-cleaner): toml++ is meant to be included by one header only.
std::string value_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  std::string joined;
  if (const auto* array = node.as_array()) {
    for (const toml::node& item : *array) joined += (joined.empty() ? "" : ",") + value_text(item);
  }
  return joined;
}

Result<void> read_toml(const std::vector<Setting>& table, const toml::table& values,
                       const std::string& prefix, const std::string& file, Settings& settings) {
  for (const auto& [name, node] : values) {
    const std::string key = prefix + std::string{name.str()};
    if (const auto* inner = node.as_table()) {
      if (auto read = read_toml(table, *inner, key + ".", file, settings); !read) return read;
      continue;
    }
    if (is_one_of(client_keys, key)) continue;
    const Setting* setting = find_setting(table, key);
    if (setting == nullptr) {
      std::vector<std::string> known;
      known.reserve(table.size());
      for (const Setting& one : table) known.push_back(one.key);
      return fail(ErrorCode::invalid, fmt::format("{}: unknown key \"{}\"", file, key),
                  did_you_mean(key, known));
    }
    const std::string where = fmt::format("{}: {}", file, key);
    if (auto applied = apply(*setting, settings, value_text(node), where); !applied) return applied;
  }
  return {};
}

// Takes the tables of one kind of named things, which no table of settings can list, out of the
// file's.
template <typename Declared, typename Read>
Result<void> read_named(toml::table& values, std::string_view kind, const std::string& file,
                        const Environment& environment, Read read, std::vector<Declared>& into) {
  const auto* const tables = values[kind].as_table();
  if (tables == nullptr) return {};
  auto declared = read(*tables, environment);
  if (!declared) {
    declared.error().message = file + ": " + declared.error().message;
    return std::unexpected(declared.error());
  }
  into = std::move(*declared);
  values.erase(kind);
  return {};
}

Result<toml::table> parse_file(const std::string& file) {
  try {
    return toml::parse_file(file);
  } catch (const toml::parse_error& problem) {
    return fail(ErrorCode::invalid, file + ", line " + std::to_string(problem.source().begin.line) +
                                        ": " + std::string{problem.description()});
  }
}

// The databases that the file names: the tables under [database].
std::vector<std::string> databases_in(const toml::table& file) {
  std::vector<std::string> names;
  const auto* databases = file["database"].as_table();
  if (databases == nullptr) return names;
  for (const auto& [name, node] : *databases) {
    if (node.is_table()) names.emplace_back(name.str());
  }
  return names;
}

// NOLINTEND(misc-include-cleaner)

// And those of the environment: BELLPULL_DATABASE_CRM_SQLITE names "crm".
std::vector<std::string> databases_in(const Environment& environment) {
  constexpr std::string_view prefix = "BELLPULL_DATABASE_";
  const std::vector<Setting> endings = database_settings("");
  std::vector<std::string> names;
  for (const auto& [variable, value] : environment) {
    if (!variable.starts_with(prefix)) continue;
    for (const Setting& setting : endings) {
      const std::string ending = variable_of(setting.key.substr(setting.key.find("..") + 2));
      const std::string_view tail = std::string_view{ending}.substr(ending.find('_'));
      if (!variable.ends_with(tail) || variable.size() <= prefix.size() + tail.size()) continue;
      std::string name =
          variable.substr(prefix.size(), variable.size() - prefix.size() - tail.size());
      for (char& c : name) c = static_cast<char>(std::tolower(c));
      names.push_back(std::move(name));
      break;
    }
  }
  return names;
}

// Gives the table the settings of each database that is named.
Result<void> add_databases(std::vector<Setting>& table, std::vector<std::string> names) {
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  for (const std::string& name : names) {
    if (!is_database_name(name)) {
      return fail(ErrorCode::invalid,
                  fmt::format("\"{}\" can't be the name of a database", name.substr(0, 80)),
                  "use lower-case letters, digits and underscores, a letter first, at most 40");
    }
    std::ranges::move(database_settings(name), std::back_inserter(table));
  }
  return {};
}

Result<void> read_environment(const std::vector<Setting>& table, const Environment& environment,
                              Settings& settings) {
  std::vector<std::string> known;
  known.reserve(table.size());
  for (const Setting& setting : table) known.push_back(variable_of(setting.key));
  for (const auto& [name, value] : environment) {
    // These two are other programs' as well, which take an empty one for none.
    if (name == "OPENAI_API_KEY" && !value.empty()) settings.openai_api_key = value;
    if (name == "OPENAI_BASE_URL" && !value.empty()) {
      set_openai_base_url(settings, value);
    }
    if (name == "BELLPULL_ADMIN_TOKEN") settings.admin_token = value;
    if (name == "BELLPULL_MASTER_KEY") settings.master_key = value;
    if (name == "BELLPULL_NEW_MASTER_KEY") settings.new_master_key = value;
  }
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("BELLPULL_") || is_one_of(other_variables, name)) continue;
    const auto at = std::ranges::find(known, name);
    if (at == known.end()) {
      return fail(ErrorCode::invalid, "unknown environment variable " + name,
                  did_you_mean(name, known));
    }
    const Setting& setting = table[static_cast<std::size_t>(at - known.begin())];
    if (auto applied = apply(setting, settings, value, name); !applied) return applied;
  }
  return {};
}

// What --help can't list among the flags.
std::string named_settings_help() {
  std::string help =
      "Databases for abilities, in the file under [database.NAME], or as "
      "BELLPULL_DATABASE_NAME_SQLITE and so on:\n";
  for (const Setting& setting : database_settings("")) {
    const std::string key = setting.key.substr(setting.key.find("..") + 2);
    help += fmt::format("  {:<27} {}\n", key + " " + setting.shape, setting.help);
  }
  return help;
}

Result<void> check_together(const Settings& settings) {
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    return fail(ErrorCode::invalid, "--tls-cert and --tls-key go together");
  }
  if (settings.trigger_rate.burst > 0 && settings.trigger_rate.per_second == 0) {
    return fail(ErrorCode::invalid, "ingest.trigger_burst limits nothing without a trigger_rate",
                "set ingest.trigger_rate too");
  }
  return {};
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text{*entry};
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

// NOLINTBEGIN(misc-include-cleaner): CLI11's parts do not link without its one header.
Result<Settings> read_settings(const std::vector<std::string>& arguments,
                               const Environment& environment, std::optional<int>& exit_code) {
  std::vector<Setting> table = all_settings();
  const std::size_t flags_end = table.size();
  CLI::App parser{
      "Run the server.\n\nExamples:\n  bellpull serve --demo\n"
      "  bellpull serve --listen 127.0.0.1:0 --data /var/lib/bellpull\n"
      "  bellpull serve --config bellpull.toml --log-format json",
      "bellpull serve"};
  std::string file;
  parser.add_option("--config", file, "a TOML file; default ./bellpull.toml when there is one");
  Settings settings;
  parser.add_flag("--demo", settings.demo,
                  "make a demo bot and trigger in an empty data directory");
  parser.footer(named_settings_help());
  std::vector<std::optional<std::string>> given(flags_end);
  for (std::size_t i = 0; i < flags_end; ++i) {
    if (table[i].visibility != Visibility::open) continue;
    parser.add_option(flag_of(table[i].key), given[i], table[i].help)->type_name(table[i].shape);
  }
  try {
    std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};
    parser.parse(reversed);
  } catch (const CLI::CallForHelp& help) {
    exit_code = parser.exit(help);
    return settings;
  } catch (const CLI::ParseError& problem) {
    std::vector<std::string> flags{"--config", "--demo"};
    for (const Setting& setting : table) flags.push_back(flag_of(setting.key));
    std::string hint = "bellpull serve --help lists the flags";
    for (const std::string& argument : arguments) {
      const std::string name = argument.substr(0, argument.find('='));
      if (!name.starts_with("--") || std::ranges::find(flags, name) != flags.end()) continue;
      if (const std::string guess = did_you_mean(name, flags); !guess.empty()) hint = guess;
    }
    return fail(ErrorCode::invalid, problem.what(), hint);
  }

  if (file.empty()) {
    if (const auto variable = environment.find("BELLPULL_CONFIG"); variable != environment.end()) {
      file = variable->second;
    } else if (std::filesystem::exists("bellpull.toml")) {
      file = "bellpull.toml";
    }
  }
  toml::table written;
  if (!file.empty()) {
    auto parsed = parse_file(file);
    if (!parsed) return std::unexpected(parsed.error());
    written = std::move(*parsed);
    if (auto read =
            read_named(written, "mcp", file, environment, read_mcp_settings, settings.mcp_servers);
        !read) {
      return std::unexpected(read.error());
    }
    if (auto read = read_named(written, "provider", file, environment, read_provider_settings,
                               settings.providers);
        !read) {
      return std::unexpected(read.error());
    }
  }
  std::vector<std::string> databases = databases_in(written);
  std::ranges::move(databases_in(environment), std::back_inserter(databases));
  if (auto added = add_databases(table, std::move(databases)); !added) {
    return std::unexpected(added.error());
  }
  if (auto read = read_toml(table, written, "", file, settings); !read) {
    return std::unexpected(read.error());
  }
  if (auto read = read_environment(table, environment, settings); !read) {
    return std::unexpected(read.error());
  }
  for (std::size_t i = 0; i < flags_end; ++i) {
    const std::optional<std::string>& value = given[i];
    if (!value) continue;
    auto applied = apply(table[i], settings, *value, flag_of(table[i].key));
    if (!applied) return std::unexpected(applied.error());
  }
  if (auto checked = check_together(settings); !checked) return std::unexpected(checked.error());
  return settings;
}
// NOLINTEND(misc-include-cleaner)

}  // namespace bellpull
