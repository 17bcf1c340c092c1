#include "queue/hungry_triggers.h"

#include <iterator>
#include <optional>

#include "domain/ids.h"

namespace bellpull {

void HungryTriggers::add(TriggerKey trigger) {
  others_.push_back(trigger);
  places_.emplace(trigger, Place{.at = std::prev(others_.end())});
}

void HungryTriggers::starve(TriggerKey trigger) {
  const auto place = places_.find(trigger);
  if (place == places_.end() || place->second.starves) return;
  starving_.splice(starving_.end(), others_, place->second.at);
  place->second.starves = true;
}

std::optional<TriggerKey> HungryTriggers::take_starving() {
  if (starving_.empty()) return std::nullopt;
  const TriggerKey trigger = starving_.front();
  starving_.pop_front();
  places_.erase(trigger);
  return trigger;
}

std::optional<TriggerKey> HungryTriggers::take() {
  if (const auto starving = take_starving()) return starving;
  if (others_.empty()) return std::nullopt;
  const TriggerKey trigger = others_.front();
  others_.pop_front();
  places_.erase(trigger);
  return trigger;
}

bool HungryTriggers::remove(TriggerKey trigger) {
  const auto place = places_.find(trigger);
  if (place == places_.end()) return false;
  (place->second.starves ? starving_ : others_).erase(place->second.at);
  places_.erase(place);
  return true;
}

void HungryTriggers::clear() {
  starving_.clear();
  others_.clear();
  places_.clear();
}

}  // namespace bellpull
