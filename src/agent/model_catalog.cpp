#include "agent/model_catalog.h"

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "llm/model_string.h"
#include "llm/provider.h"

namespace bellpull {

ModelCatalog::ModelCatalog(std::string default_model) : default_model_(std::move(default_model)) {}

void ModelCatalog::add(std::string prefix, Provider& provider) {
  providers_.emplace(std::move(prefix), &provider);
}

Result<ChosenModel> ModelCatalog::choose(std::string_view model_string) const {
  const ModelString model =
      parse_model_string(model_string.empty() ? default_model_ : model_string);
  // Longest prefix first: a prefix sorts before every name that it begins.
  for (auto entry = providers_.rbegin(); entry != providers_.rend(); ++entry) {
    const auto& [prefix, provider] = *entry;
    const bool whole = model.name == prefix;
    const bool part = (prefix.empty() || prefix.ends_with('/')) && model.name.starts_with(prefix);
    if (!whole && !part) continue;
    if (part && model.name.size() == prefix.size()) continue;
    return ChosenModel{.provider = provider,
                       .name = whole ? model.name : model.name.substr(prefix.size()),
                       .full_name = model.name,
                       .options = model.options};
  }
  std::string known;
  for (const auto& [prefix, provider] : providers_) {
    if (prefix.empty()) continue;
    known += known.empty() ? "" : ", ";
    known += prefix.ends_with('/') ? prefix + "<name>" : prefix;
  }
  return fail(ErrorCode::not_found, "unknown model \"" + model.name + "\"",
              "known models: " + (known.empty() ? "none" : known));
}

}  // namespace bellpull
