// Secrets: credentials that actions use and nobody reads back (api-contract.md 2.14).
#pragma once

#include <optional>
#include <string>

#include <boost/json/object.hpp>

#include "api/call.h"
#include "api/endpoints.h"
#include "api/field.h"
#include "api/routes.h"
#include "api/schema.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "domain/secret.h"
#include "http/response.h"
#include "store/store.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

inline constexpr std::size_t max_secret_bytes = std::size_t{64} * 1024;

Fields<Secret> secret_fields(const Vault& vault);

// Of a secret, and of what a contact sees of one.
template <class Resource>
Field<Resource> secret_type_field() {
  return choice("type", &Resource::type,
                {"plain", "basic", "bearer", "jwt", "oauth", "template", "reference"});
}

// What `verify` answers, and its schema.
boost::json::object verified(const SecretId& secret, bool is_authenticated);
Schema verified_schema();
// Why nobody can be sent to a page to authenticate: the type has none, or the flow is not built.
Error no_authentication_flow(SecretType type);
Schema authentication_schema();

class Secrets final : public Endpoints<Secret> {
 public:
  Secrets(Store& store, const Clock& clock, const Vault& vault);
  void add_routes(Routes& routes);

 private:
  Result<void> prepare(Transaction& rows, const Call& call, Secret& added) const override;
  Result<void> complete(Transaction& rows, const Call& call, Secret& added) const override;
  Result<void> revise(Transaction& rows, const Call& call, const Secret& before,
                      Secret& after) const override;
  Result<void> erase(Transaction& rows, const Call& call, const Secret& found,
                     TimePoint now) const override;

  Task<Response> verify(Call call);
  Task<Response> revoke(Call call);
  Task<Response> authenticate(Call call);

  const Vault& vault_;
};

}  // namespace bellpull
