// The five endpoints that every kind of resource has: create, list, fetch, update, delete. A kind
// derives from it with its field table, and says what is special about it in the hooks.
//
//   class Bots : public Endpoints<Bot> { ... };
//   bots.add_to(routes, "/bot", "botId");
//
// Every handler parses, decides in one transaction, and renders. What it changes stands in the
// event log, in the same transaction (log_change.h).
//
// Threads: any; constant after construction.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "api/answer_once.h"
#include "api/call.h"
#include "api/change.h"
#include "api/field.h"
#include "api/field_schema.h"
#include "api/list_reply.h"
#include "api/list_request.h"
#include "api/log_change.h"
#include "api/noun.h"
#include "api/routes.h"
#include "api/rows.h"
#include "api/schema.h"
#include "api/view.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "http/response.h"
#include "store/list.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

template <class Resource>
class Endpoints {
 public:
  Endpoints(Store& store, const Clock& clock, Fields<Resource> fields, ListRules list_rules)
      : store_(store),
        clock_(clock),
        fields_(std::move(fields)),
        list_rules_(std::move(list_rules)) {}
  virtual ~Endpoints() = default;
  Endpoints(const Endpoints&) = delete;
  Endpoints& operator=(const Endpoints&) = delete;

  const Fields<Resource>& fields() const { return fields_; }

 protected:
  // Adds the five under `base`; `id_name` is the path parameter of the id.
  void add_to(Routes& routes, const std::string& base, std::string_view id_name) {
    id_name_ = id_name;
    const std::string one = base + "/{" + std::string{id_name} + "}";
    const std::string name{Rows<Resource>::name};
    routes.post(base + "/create", [this](Call call) { return create(std::move(call)); })
        .describe({.summary = "Creates " + with_article(name),
                   .takes = body_schema(name + "Create", fields_, Verb::create),
                   .gives = created_schema()});
    add_list(routes, base + "/list");
    routes.get(one + "/fetch", [this](Call call) { return fetch(std::move(call)); })
        .describe(
            {.summary = "Fetches " + with_article(name), .gives = reply_schema(name, fields_)});
    routes.post(one + "/update", [this](Call call) { return update(std::move(call)); })
        .describe({.summary = "Changes " + with_article(name),
                   .takes = body_schema(name + "Update", fields_, Verb::update),
                   .gives = id_schema(),
                   .about = "Keys that the body does not have stay as they are; null resets one to "
                            "its default.",
                   .errors = write_errors()});
    routes.post(one + "/delete", [this](Call call) { return remove(std::move(call)); })
        .describe({.summary = "Deletes " + with_article(name),
                   .takes = removal_schema(),
                   .gives = id_schema(),
                   .errors = write_errors()});
  }
  // The same list once more, at another path.
  void add_list(Routes& routes, const std::string& path) {
    const std::string name{Rows<Resource>::name};
    routes.get(path, [this](Call call) { return list(std::move(call)); })
        .describe({.summary = "Lists " + plural(name),
                   .gives = reply_schema(name, fields_),
                   .form = Description::Form::list,
                   .query = list_parameters(list_rules_)});
  }

  // Hooks, all called in the transaction. -------------------------------------------------------

  // Finds the one that the path names.
  virtual Result<Resource> find(const Transaction& rows, const Call& call) const {
    return find_own<Resource>(rows, call.caller.account, call.parameter(id_name_));
  }
  // Narrows a list to what the path says beside its base.
  virtual Result<void> narrow(const Transaction& /*rows*/, const Call& /*call*/,
                              ListQuery& /*query*/) const {
    return {};
  }
  // Before a new one is kept, with the body's values in it.
  virtual Result<void> prepare(Transaction& /*rows*/, const Call& /*call*/,
                               Resource& /*added*/) const {
    return {};
  }
  // After it has its id.
  virtual Result<void> complete(Transaction& /*rows*/, const Call& /*call*/,
                                Resource& /*added*/) const {
    return {};
  }
  // Before a changed one is kept.
  virtual Result<void> revise(Transaction& /*rows*/, const Call& /*call*/,
                              const Resource& /*before*/, Resource& /*after*/) const {
    return {};
  }
  // Removes it, with what can't be without it.
  virtual Result<void> erase(Transaction& rows, const Call& /*call*/, const Resource& found,
                             TimePoint /*now*/) const {
    Rows<Resource>::of(rows).remove(found.id.key);
    return {};
  }
  // What create answers.
  virtual boost::json::object created(const Resource& added) const { return id_of(added); }
  virtual Schema created_schema() const { return id_schema(); }
  // Takes out of it what this caller may not see. A repeat's answer was kept for whoever asked
  // first, whose token may have lost a scope since.
  virtual void hide(boost::json::object& /*answer*/, const View& /*view*/) const {}
  virtual Schema removal_schema() const { return {}; }
  // Statuses that an update or a delete may end with, beside the usual ones.
  virtual std::vector<int> write_errors() const { return {}; }

  // Outside the transaction: what a commit is followed by.
  virtual void committed(const Resource& /*changed*/) const {}

  static boost::json::object id_of(const Resource& resource) {
    return {{"id", resource.id.text()}};
  }

  virtual Task<Response> create(Call call) {
    Problems problems;
    const auto change = Change<Resource>::read(fields_, call.body, Verb::create, problems);
    if (!problems.empty()) {
      const Error error = co_await with_references(call, change, Verb::create, problems);
      co_return call.reply(error);
    }

    const TimePoint now = clock_.now();
    std::optional<Resource> added;  // nothing when the answer is an earlier call's
    Result<boost::json::object> answer = co_await store_.transact([&](Transaction& rows) {
      added.reset();
      return answer_once(rows, call, [&]() -> Result<boost::json::object> {
        Result<Resource> made = add(rows, call, change, now);
        if (!made) return std::unexpected(std::move(made.error()));
        return created(added.emplace(std::move(*made)));
      });
    });
    if (!answer) co_return call.reply(answer.error());
    if (added) committed(*added);

    hide(*answer, call.view);
    co_return call.reply(*answer);
  }

  Result<Resource> add(Transaction& rows, const Call& call, const Change<Resource>& change,
                       TimePoint now) {
    Resource added{.account = call.caller.account};
    added.created_at = now;
    if constexpr (requires { added.updated_at; }) added.updated_at = now;
    auto done = change.apply(added, Edit{&rows, call.caller.account});
    if (done) done = prepare(rows, call, added);
    if (done) done = Rows<Resource>::of(rows).add(added);
    if (done) done = complete(rows, call, added);
    if (!done) return std::unexpected(std::move(done.error()));
    log_change(rows, call, added, "create", now, {.fields = change.names()});
    return added;
  }

  Task<Response> list(Call call) {
    Result<ListRequest> request = parse_list(list_rules_, call.request, call.caller.account);
    if (!request) co_return call.reply(request.error());

    const Result<void> narrowed = co_await store_.read([&](const Transaction& rows) {
      resolve_aliases(rows, *request);
      return narrow(rows, call, request->query);
    });
    if (!narrowed) co_return call.reply(narrowed.error());

    ReadPage read = [this, query = request->query, view = call.view](const Page& page) {
      return read_page(query, page, view);
    };
    co_return co_await list_reply(std::move(call), std::move(*request), std::move(read));
  }

  Task<Response> fetch(Call call) {
    const Result<Resource> found =
        co_await store_.read([&](const Transaction& rows) { return find(rows, call); });
    if (!found) co_return call.reply(found.error());

    co_return call.reply(render(fields_, *found, call.view));
  }

  Task<Response> update(Call call) {
    Problems problems;
    const auto change = Change<Resource>::read(fields_, call.body, Verb::update, problems);
    if (!problems.empty()) {
      const Error error = co_await with_references(call, change, Verb::update, problems);
      co_return call.reply(error);
    }

    const TimePoint now = clock_.now();
    const Result<Resource> changed =
        co_await store_.transact([&](Transaction& rows) { return apply(rows, call, change, now); });
    if (!changed) co_return call.reply(changed.error());
    committed(*changed);

    co_return call.reply(id_of(*changed));
  }

  virtual Task<Response> remove(Call call) {
    const TimePoint now = clock_.now();
    const Result<Resource> removed = co_await store_.transact(
        [&](Transaction& rows) { return find_and_erase(rows, call, now); });
    if (!removed) co_return call.reply(removed.error());
    committed(*removed);

    co_return call.reply(id_of(*removed));
  }

  Task<Result<ListPage>> read_page(ListQuery query, Page page, View view) {
    const Result<PageRows<Resource>> found =
        co_await store_.read_page(page, [&](const Transaction& rows, const Page& left) {
          query.page = left;
          return Rows<Resource>::of(rows).look(query);
        });
    if (!found) co_return std::unexpected(found.error());

    ListPage rendered;
    rendered.items.reserve(found->size());
    for (const Resource& one : *found) rendered.items.push_back(render(fields_, one, view));
    if (!found->empty()) rendered.last = found->back().id.key.value;
    co_return rendered;
  }

  Store& store_;
  const Clock& clock_;

 private:
  // What is wrong with a body, and with what its readable part refers to.
  Task<Error> with_references(Call call, Change<Resource> change, Verb verb, Problems problems) {
    co_return co_await store_.read([&](const Transaction& rows) {
      Resource scratch{.account = call.caller.account};
      if (verb == Verb::update) {
        if (auto found = find(rows, call)) scratch = std::move(*found);
      }
      change.apply(scratch, Edit{&rows, call.caller.account}, problems);
      return problems.error();
    });
  }

  Result<Resource> apply(Transaction& rows, const Call& call, const Change<Resource>& change,
                         TimePoint now) {
    Result<Resource> found = find(rows, call);
    if (!found) return found;
    Resource after = *found;
    after.updated_at = now;
    auto done = change.apply(after, Edit{&rows, call.caller.account});
    if (done) done = revise(rows, call, *found, after);
    if (done) done = Rows<Resource>::of(rows).update(after);
    if (!done) return std::unexpected(std::move(done.error()));
    log_change(rows, call, after, "update", now, {.fields = change.names()});
    return after;
  }

  Result<Resource> find_and_erase(Transaction& rows, const Call& call, TimePoint now) {
    Result<Resource> found = find(rows, call);
    if (!found) return found;
    // First: a token that deletes itself is named, too.
    log_change(rows, call, *found, "delete", now);
    if (auto erased = erase(rows, call, *found, now); !erased) {
      return std::unexpected(std::move(erased.error()));
    }
    return found;
  }

  const Fields<Resource> fields_;
  const ListRules list_rules_;
  std::string id_name_;  // set by add_to()
};

}  // namespace bellpull
