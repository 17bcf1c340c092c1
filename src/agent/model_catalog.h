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
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "llm/provider.h"

namespace bellpull {

struct ChosenModel {
  Provider* provider = nullptr;
  std::string name;             // what the provider calls it
  std::string full_name;        // what bots call it
  boost::json::object options;  // key=value of the model string, as text
  // Who is asked when the provider can't answer, in that order; these have none of their own.
  std::vector<ChosenModel> fallbacks;
};

class ModelCatalog {
 public:
  // `default_model`: the model string of bots that name none.
  explicit ModelCatalog(std::string default_model);

  // `fallbacks`: model strings for whoever names a model of it.
  void add(std::string prefix, Provider& provider, std::vector<std::string> fallbacks = {});

  // Fails with `not_found`, naming what is known.
  Result<ChosenModel> choose(std::string_view model_string) const;

 private:
  struct Entry {
    Provider* provider = nullptr;
    std::vector<std::string> fallbacks;
  };

  Result<ChosenModel> choose_one(std::string_view model_string,
                                 const std::vector<std::string>** fallbacks) const;

  const std::string default_model_;
  std::map<std::string, Entry, std::less<>> providers_;
};

}  // namespace bellpull
