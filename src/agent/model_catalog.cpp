#include "agent/model_catalog.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "llm/model_string.h"
#include "llm/provider.h"

namespace bellpull {

ModelCatalog::ModelCatalog(std::string default_model) : default_model_(std::move(default_model)) {}

void ModelCatalog::add(std::string prefix, Provider& provider, std::vector<std::string> fallbacks) {
  providers_.emplace(std::move(prefix), Entry{&provider, std::move(fallbacks)});
}

Result<ChosenModel> ModelCatalog::choose(std::string_view model_string) const {
  const std::vector<std::string>* fallbacks = nullptr;
  auto chosen = choose_one(model_string.empty() ? default_model_ : model_string, &fallbacks);
  if (!chosen) return chosen;
  for (const std::string& fallback : *fallbacks) {
    auto other = choose_one(fallback, nullptr);
    if (other && other->full_name != chosen->full_name) {
      chosen->fallbacks.push_back(std::move(*other));
    }
  }
  return chosen;
}

Result<ChosenModel> ModelCatalog::choose_one(std::string_view model_string,
                                             const std::vector<std::string>** fallbacks) const {
  const ModelString model = parse_model_string(model_string);
  // Longest prefix first: a prefix sorts before every name that it begins.
  for (auto one = providers_.rbegin(); one != providers_.rend(); ++one) {
    const auto& [prefix, entry] = *one;
    const bool whole = model.name == prefix;
    const bool part = (prefix.empty() || prefix.ends_with('/')) && model.name.starts_with(prefix);
    if (!whole && !part) continue;
    if (part && model.name.size() == prefix.size()) continue;
    if (fallbacks != nullptr) *fallbacks = &entry.fallbacks;
    return ChosenModel{.provider = entry.provider,
                       .name = whole ? model.name : model.name.substr(prefix.size()),
                       .full_name = model.name,
                       .options = model.options};
  }
  std::string known;
  for (const auto& [prefix, entry] : providers_) {
    if (prefix.empty()) continue;
    known += known.empty() ? "" : ", ";
    known += prefix.ends_with('/') ? prefix + "<name>" : prefix;
  }
  return fail(ErrorCode::not_found, "unknown model \"" + model.name + "\"",
              "known models: " + (known.empty() ? "none" : known));
}

}  // namespace bellpull
