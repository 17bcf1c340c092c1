// Idempotency keys of events as they are kept: digests, because a sender may make a key of an
// e-mail or a name, and a key that counts outlives an event that was erased.
#pragma once

#include <string>
#include <string_view>

#include "domain/ids.h"

namespace bellpull {

class Database;

// 32 bytes.
std::string key_digest(TriggerKey trigger, std::string_view key);

// A migration: keys that were kept as they were given.
void digest_event_keys(Database& database);

}  // namespace bellpull
