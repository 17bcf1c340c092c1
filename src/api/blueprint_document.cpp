#include "api/blueprint_document.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <expected>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <fmt/core.h>

#include "api/blueprint_limits.h"
#include "api/blueprint_members.h"
#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/keep_new.h"
#include "api/log_change.h"
#include "api/rows.h"
#include "api/view.h"
#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/blueprint.h"
#include "domain/bot.h"
#include "domain/secret.h"
#include "schedule/nearest_name.h"
#include "secret/secret_config.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

// Told at once; a document may have thousands.
constexpr std::size_t max_problems = 20;

// Gathers problems, each with its place.
class DocumentProblems {
 public:
  void add(std::string_view place, std::string_view problem, std::string_view hint = {}) {
    if (++count_ > max_problems) return;
    problems_.add({ErrorCode::invalid, fmt::format("{}: {}", place, problem), std::string{hint}});
  }
  bool empty() const { return count_ == 0; }
  Error error() const {
    Error error = problems_.error();
    if (count_ > max_problems) {
      error.message += fmt::format("; and {} more problems", count_ - max_problems);
    }
    return error;
  }

 private:
  Problems problems_;
  std::size_t count_ = 0;
};

// "did you mean ...?", or nothing.
std::string guess(std::string_view text, std::span<const std::string_view> known) {
  const auto near = nearest_name(text, known);
  return near ? fmt::format("did you mean \"{}\"?", *near) : std::string{};
}

// Of a document: not the blueprint, which is the one that is imported into, nor what others may
// have called theirs.
template <class Resource>
Fields<Resource> imported_fields(const Fields<Resource>& fields) {
  Fields<Resource> imported;
  std::ranges::copy_if(fields, std::back_inserter(imported),
                       [](const Field<Resource>& field) { return field.name != "blueprintId"; });
  return imported;
}

// What a create takes and a fetch shows, under one name each.
template <class Resource>
Fields<Resource> exported_fields(const Fields<Resource>& fields) {
  Fields<Resource> exported;
  for (Field<Resource> field : fields) {
    const bool is_link = field.name == "id" || field.name == "skillsetId";
    const bool is_own = field.name == "alias" || field.name == "blueprintId";
    if (is_own || !field.write || (!field.read && !is_link)) continue;
    field.second_name = {};
    exported.push_back(std::move(field));
  }
  return exported;
}

template <class Resource>
std::vector<std::string_view> names_of(const Fields<Resource>& fields) {
  std::vector<std::string_view> names;
  for (const Field<Resource>& field : fields) {
    names.push_back(field.name);
    if (!field.second_name.empty()) names.push_back(field.second_name);
  }
  return names;
}

std::string text_member(const json::object& item, std::string_view name) {
  const json::value* value = item.if_contains(name);
  return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
}

// Reads the items of one category.
template <class Resource>
class CategoryReader {
 public:
  CategoryReader(const Fields<Resource>& fields, DocumentProblems& problems,
                 std::unordered_set<std::string>& ids)
      : fields_(imported_fields(fields)),
        names_(names_of(fields)),
        problems_(problems),
        ids_(ids) {}

  DocumentItems<Resource> read(const json::value& given) {
    DocumentItems<Resource> items;
    const std::string category = fmt::format("resources.{}", category_of<Resource>);
    if (!given.is_array()) {
      problems_.add(category, "must be a list");
      return items;
    }
    const json::array& list = given.get_array();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string place = fmt::format("{}[{}]", category, i);
      if (!list[i].is_object()) {
        problems_.add(place, "must be an object");
        continue;
      }
      if (auto item = read_item(place, list[i].get_object())) items.push_back(std::move(*item));
    }
    return items;
  }

 private:
  std::optional<DocumentItem<Resource>> read_item(const std::string& place,
                                                  const json::object& given) {
    for (const auto& member : given) {
      const std::string_view name = member.key();
      if (std::ranges::find(names_, name) != names_.end()) continue;
      problems_.add(place, fmt::format("\"{}\" is not a field", name), guess(name, names_));
    }
    DocumentItem<Resource> item{.place = place, .id = text_member(given, "id")};
    if (!item.id.empty() && !ids_.insert(item.id).second) {
      problems_.add(place, fmt::format("the id \"{}\" is there twice", item.id));
    }
    if constexpr (std::is_same_v<Resource, Ability>) {
      item.skillset = text_member(given, "skillsetId");
      if (item.skillset.empty()) problems_.add(place, "skillsetId is required");
    }
    auto change = Change<Resource>::parse(fields_, given, Verb::create);
    if (!change) {
      problems_.add(place, change.error().message, change.error().hint);
      return std::nullopt;
    }
    item.change = std::move(*change);
    return item;
  }

  const Fields<Resource> fields_;
  const std::vector<std::string_view> names_;
  DocumentProblems& problems_;
  std::unordered_set<std::string>& ids_;
};

void check_categories(const json::object& resources, DocumentProblems& problems) {
  for (const auto& member : resources) {
    const std::string_view name = member.key();
    if (std::ranges::find(member_categories, name) == member_categories.end()) {
      problems.add("resources", fmt::format("\"{}\" is not a category", name),
                   guess(name, member_categories));
    }
  }
  const json::value* tasks = resources.if_contains("task");
  if (tasks != nullptr && (!tasks->is_array() || !tasks->get_array().empty())) {
    problems.add("resources.task", "must be an empty list: there are no tasks yet");
  }
}

// The resources of a document, if it is one at all.
Result<const json::object*> resources_of(const json::value& given) {
  if (!given.is_object()) return fail(ErrorCode::invalid, "resource must be an object");
  constexpr std::array<std::string_view, 4> known{"id", "name", "description", "resources"};
  for (const auto& member : given.get_object()) {
    const std::string_view name = member.key();
    if (std::ranges::find(known, name) != known.end()) continue;
    return fail(ErrorCode::invalid, fmt::format("resource: \"{}\" is not a member", name),
                "send the document that resource/export gives");
  }
  const json::value* resources = given.get_object().if_contains("resources");
  if (resources == nullptr || !resources->is_object()) {
    return fail(ErrorCode::invalid, "resource.resources must be an object",
                "send the document that resource/export gives");
  }
  return &resources->get_object();
}

std::size_t count_of(const Document& document) {
  return std::apply([](const auto&... items) { return (items.size() + ...); }, document);
}

// Makes the resources of a document, kind by kind.
class DocumentKeeper {
 public:
  DocumentKeeper(Transaction& rows, const Call& call, const Blueprint& blueprint, Random& random,
                 const Vault& vault, TimePoint now)
      : rows_(rows),
        call_(call),
        blueprint_(blueprint),
        keep_(rows, random, vault),
        edit_{.rows = &rows, .account = blueprint.account, .new_ids = &new_ids_},
        now_(now) {}

  template <class Resource>
  void add(const DocumentItem<Resource>& item) {
    Resource added{.account = blueprint_.account};
    added.created_at = now_;
    added.updated_at = now_;
    auto done = item.change.apply(added, edit_);
    if (done) done = place(item, added);
    added.blueprint = blueprint_.id;
    if (done) done = keep_(added);
    if (!done) {
      problems_.add(item.place, done.error().message, done.error().hint);
      return;
    }
    log_change(rows_, call_, added, "create", now_);
    json::object made{{"id", added.id.text()}, {"sourceId", nullptr}};
    if (!item.id.empty()) {
      made["sourceId"] = item.id;
      new_ids_[item.id] = added.id.text();
    }
    resources_[category_of<Resource>].get_array().push_back(std::move(made));
  }

  bool has_problems() const { return !problems_.empty(); }
  Result<json::object> result() && {
    if (has_problems()) return std::unexpected(problems_.error());
    return std::move(resources_);
  }

 private:
  Result<void> place(const DocumentItem<Ability>& item, Ability& added) const {
    const auto skillset =
        find_own<Skillset>(rows_, blueprint_.account, edit_.meant_by(item.skillset));
    if (!skillset) return std::unexpected(skillset.error());
    added.skillset = skillset->id;
    return {};
  }
  template <class Resource>
  static Result<void> place(const DocumentItem<Resource>& /*item*/, Resource& /*added*/) {
    return {};
  }

  Transaction& rows_;
  const Call& call_;
  const Blueprint& blueprint_;
  KeepNew keep_;
  NewIds new_ids_;
  const Edit edit_;
  const TimePoint now_;
  DocumentProblems problems_;
  json::object resources_ = empty_categories();
};

}  // namespace

json::object document_of(const FieldTables& fields, const Blueprint& blueprint,
                         const Members& members) {
  json::object resources = empty_categories();
  for_each_kind([&]<class Resource>() {
    const auto exported = exported_fields(std::get<Fields<Resource>>(fields));
    json::array& items = resources[category_of<Resource>].get_array();
    for (const Resource& one : std::get<std::vector<Resource>>(members)) {
      json::object item = render(exported, one, View{});
      if constexpr (std::is_same_v<Resource, Secret>) {
        json::value& config = item["config"];
        if (config.is_object()) config = without_secrets(config.get_object());
      }
      items.push_back(std::move(item));
    }
  });
  return {{"id", blueprint.id.text()},
          {"name", blueprint.name},
          {"description", blueprint.description},
          {"resources", std::move(resources)}};
}

Result<Document> read_document(const FieldTables& fields, const json::value& given) {
  const auto resources = resources_of(given);
  if (!resources) return std::unexpected(resources.error());
  DocumentProblems problems;
  check_categories(**resources, problems);
  std::unordered_set<std::string> ids;
  Document document;
  for_each_kind([&]<class Resource>() {
    const json::value* items = (*resources)->if_contains(category_of<Resource>);
    if (items == nullptr) return;
    CategoryReader<Resource> reader{std::get<Fields<Resource>>(fields), problems, ids};
    std::get<DocumentItems<Resource>>(document) = reader.read(*items);
  });
  if (!problems.empty()) return std::unexpected(problems.error());
  if (count_of(document) > max_new_members) {
    return fail(ErrorCode::invalid,
                fmt::format("The document has {} resources; an import takes at most {}",
                            count_of(document), max_new_members),
                "divide it into several blueprints");
  }
  if (json::serialize(**resources).size() > max_new_bytes) {
    return std::unexpected(too_many_bytes());
  }
  return document;
}

Result<json::object> keep_document(Transaction& rows, const Call& call, const Document& document,
                                   const Blueprint& blueprint, Random& random, const Vault& vault,
                                   TimePoint now) {
  DocumentKeeper keeper{rows, call, blueprint, random, vault, now};
  for_each_kind([&]<class Resource>() {
    // What refers to something that was not made is not told as a problem of its own.
    if (keeper.has_problems()) return;
    for (const auto& item : std::get<DocumentItems<Resource>>(document)) keeper.add(item);
  });
  return std::move(keeper).result();
}

}  // namespace bellpull
