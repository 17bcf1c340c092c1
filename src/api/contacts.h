// Contacts: the person or system on the other side (api-contract.md 2.9).
#pragma once

#include <string_view>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"

namespace bellpull {

// Finds the contact that `body` describes, or adds it. With a fingerprint the contact is trusted;
// without one it is known by e-mail, else phone, else what else is given.
Result<Contact> ensure_contact(Transaction& rows, const Call& call, const boost::json::object& body,
                               TimePoint now);

// The name of the schema of such a body, and what is wrong with one that stands under `name`.
inline constexpr std::string_view contact_body_name = "ContactEnsure";
Result<void> check_contact(std::string_view name, const boost::json::object& body);

// The body that describes a contact.
Schema contact_schema();

class Contacts final : public Endpoints<Contact> {
 public:
  Contacts(Store& store, const Clock& clock, Random& random);
  void add_routes(Routes& routes);

 private:
  Result<void> prepare(Transaction& rows, const Call& call, Contact& added) const override;
  Result<void> revise(Transaction& rows, const Call& call, const Contact& before,
                      Contact& after) const override;
  Result<void> erase(Transaction& rows, const Call& call, const Contact& found,
                     TimePoint now) const override;

  Task<Response> ensure(Call call);
  Task<Response> list_nothing(Call call);

  Random& random_;
};

}  // namespace bellpull
