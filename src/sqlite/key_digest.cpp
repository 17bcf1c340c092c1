#include "sqlite/key_digest.h"

#include <string>
#include <string_view>

#include "domain/ids.h"
#include "sqlite/database.h"
#include "vault/vault.h"

namespace bellpull {

std::string key_digest(TriggerKey trigger, std::string_view key) {
  const Digest digest = digest_of(std::to_string(trigger.value) + "\n" + std::string{key});
  return {digest.begin(), digest.end()};
}

void digest_event_keys(Database& database) {
  Statement keys{database, "select event, trigger, key from event_keys order by event"};
  while (keys.step()) {
    const std::string digest = key_digest(TriggerKey{keys.number(1)}, keys.view(2));
    Statement{database, "update event_keys set key = ?2 where event = ?1"}
        .with(keys.number(0), Blob{digest})
        .run();
  }
}

}  // namespace bellpull
