// The value of a personal secret that one contact has given.
#pragma once

#include <optional>

#include "domain/ids.h"
#include "domain/secret.h"
#include "store/transaction.h"

namespace bellpull {

// The last that counts; nothing when there is none. By the indexes of both: SQLite's choice would
// be to pass all values of the secret, and one look may not pass all void ones.
std::optional<PersonalSecret> find_personal_value(const Transaction& rows, const Secret& secret,
                                                  ContactKey contact);

}  // namespace bellpull
