// What `--demo` makes on an empty data directory, and what it prints.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/time.h"
#include "domain/ids.h"
#include "http/router.h"
#include "store/transaction.h"
#include "vault/vault.h"

namespace bellpull {

inline constexpr std::string_view demo_trigger_alias = "hello";

// Makes a bot with the abilities `echo` and `http_echo`, and the trigger "Hello", in `account`.
Result<void> make_demo(Transaction& transaction, AccountKey account, const std::string& server_url,
                       const Vault& vault, Random& random, TimePoint now);

// The curl that rings the demo trigger and the command that shows what came of it; empty when there
// is no demo trigger.
std::string demo_greeting(const Transaction& snapshot, const std::string& server_url,
                          const std::string& data_directory, const Vault& vault);

// POST /demo/echo: answers what it was sent, for the demo's fetch ability.
void add_demo_route(Router& router);

}  // namespace bellpull
