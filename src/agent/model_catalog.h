// Which provider serves a model string (api-contract.md 1.18, "Model string").
//
// A provider is registered for a whole name ("builtin/demo") or for a prefix that ends in a slash
// ("openai/"); the longest match serves. What follows the prefix is the provider's own name of the
// model. The empty prefix serves what no other does.
//
// Lifetime: providers outlive the catalog. Threads: any, once filled.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "llm/provider.h"

namespace bellpull {

struct ChosenModel {
  Provider* provider = nullptr;
  std::string name;             // what the provider calls it
  std::string full_name;        // what bots call it
  boost::json::object options;  // key=value of the model string, as text
};

class ModelCatalog {
 public:
  // `default_model`: the model string of bots that name none.
  explicit ModelCatalog(std::string default_model);

  void add(std::string prefix, Provider& provider);

  // Fails with `not_found`, naming what is known.
  Result<ChosenModel> choose(std::string_view model_string) const;

 private:
  const std::string default_model_;
  std::map<std::string, Provider*, std::less<>> providers_;
};

}  // namespace bellpull
