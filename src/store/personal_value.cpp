#include "store/personal_value.h"

#include <optional>
#include <utility>

#include "domain/ids.h"
#include "domain/secret.h"
#include "store/list.h"
#include "store/transaction.h"

namespace bellpull {

std::optional<PersonalSecret> find_personal_value(const Transaction& rows, const Secret& secret,
                                                  ContactKey contact) {
  ListQuery query{.account = secret.account,
                  .page = {.take = 1},
                  .filters = {{.field = "secret", .any_of = {secret.id.key.value}},
                              {.field = "contact", .any_of = {contact.value}}}};
  while (true) {
    PagePart<PersonalSecret> part = rows.personal_secrets().look(query);
    if (!part.rows.empty()) return std::move(part.rows.front());
    if (!part.passed) return std::nullopt;
    query.page.after = *part.passed;
  }
}

}  // namespace bellpull
