// What `--demo` makes on an empty data directory and keeps working on later ones, and what it
// prints.
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

// Makes a bot with the abilities `echo` and `http_echo`, and the trigger "Hello", in the first
// account.
Result<void> make_demo(Transaction& transaction, const std::string& server_url, const Vault& vault,
                       Random& random, TimePoint now);

// Lets the demo's ability `http_echo` call this server, which may have had another address when it
// was made. An ability that somebody changed stays as it is.
Result<void> point_demo_at(Transaction& transaction, const std::string& server_url);

// The curl that rings the demo trigger and the command that shows what came of it; empty when there
// is no demo trigger.
std::string demo_greeting(const Transaction& snapshot, const std::string& server_url,
                          const std::string& data_directory, const Vault& vault);

// POST /demo/echo: answers what it was sent, for the demo's fetch ability.
void add_demo_route(Router& router);

}  // namespace bellpull
