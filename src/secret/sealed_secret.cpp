#include "secret/sealed_secret.h"

#include <algorithm>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "base/json.h"
#include "base/result.h"
#include "domain/ids.h"
#include "domain/secret.h"
#include "secret/secret_config.h"
#include "vault/vault.h"

namespace bellpull {

namespace json = boost::json;

namespace {

std::optional<std::string> open(const Vault& vault, const std::string& sealed,
                                const std::string& place) {
  if (sealed.empty()) return std::nullopt;
  return vault.open(sealed, place);
}

// Whether it reads as an RSA private key without a passphrase.
bool is_rsa_key(const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text{
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{
      PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr), EVP_PKEY_free};
  return key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_RSA;
}

bool has_control_characters(std::string_view text) {
  return std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 0x7F; });
}

Result<void> check_kind(const Secret& before, const Secret& after) {
  if (after.kind != SecretUse::personal) return {};
  const bool has_value = after.new_value ? !after.new_value->empty() : !before.sealed_value.empty();
  if (!has_value) return {};
  return fail(ErrorCode::conflict, "Personal secrets cannot have a value",
              after.new_value ? "each contact has a value of its own"
                              : "send \"value\": null along, which drops the one that is kept");
}

// The configuration that will be in force, with kept values where masks were given.
Result<void> merge_config(const Vault& vault, const Secret& before, Secret& after) {
  const std::optional<json::object> kept = secret_config(vault, before);
  if (!after.new_config) return kept ? check_secret_config(after.type, *kept) : Result<void>{};
  if (after.new_config->empty()) return {};
  const auto merged = unmasked(parse_stored(*after.new_config), kept.value_or(json::object{}));
  if (!merged) return std::unexpected(merged.error());
  after.new_config = json::serialize(*merged);
  return check_secret_config(after.type, *merged);
}

}  // namespace

std::string secret_value_place(SecretKey secret) {
  return "secret:" + std::to_string(secret.value);
}
std::string secret_config_place(SecretKey secret) {
  return "secret_config:" + std::to_string(secret.value);
}
std::string personal_secret_place(SecretKey secret, ContactKey contact) {
  return "personal_secret:" + std::to_string(secret.value) + ":" + std::to_string(contact.value);
}

std::optional<std::string> secret_value(const Vault& vault, const Secret& secret) {
  return open(vault, secret.sealed_value, secret_value_place(secret.id.key));
}

std::optional<std::string> secret_value(const Vault& vault, const PersonalSecret& secret) {
  return open(vault, secret.sealed_value,
              personal_secret_place(secret.secret.key, secret.contact.key));
}

std::optional<json::object> secret_config(const Vault& vault, const Secret& secret) {
  const auto text = open(vault, secret.sealed_config, secret_config_place(secret.id.key));
  if (!text) return std::nullopt;
  return read_stored(*text);
}

Result<void> check_and_merge(const Vault& vault, const Secret& before, Secret& after) {
  if (auto kind = check_kind(before, after); !kind) return kind;
  if (after.new_value || after.type != before.type) {
    const std::string value =
        after.new_value ? *after.new_value : secret_value(vault, before).value_or("");
    if (auto checked = check_secret_value(after.type, value); !checked) return checked;
  }
  if (after.new_config || after.type != before.type) return merge_config(vault, before, after);
  return {};
}

void seal_given(const Vault& vault, Secret& secret) {
  const auto sealed = [&](const std::string& text, const std::string& place) {
    return text.empty() ? std::string{} : vault.seal(text, place);
  };
  if (secret.new_value) {
    secret.sealed_value = sealed(*secret.new_value, secret_value_place(secret.id.key));
  }
  if (secret.new_config) {
    secret.sealed_config = sealed(*secret.new_config, secret_config_place(secret.id.key));
  }
  secret.new_value.reset();
  secret.new_config.reset();
}

Result<void> check_secret_value(SecretType type, const std::string& value) {
  if (value.empty()) return {};
  if (type == SecretType::bearer && has_control_characters(value)) {
    return fail(ErrorCode::invalid,
                "value must be one line without control characters: it is sent in a header",
                "a line break at its end is a common cause");
  }
  if (type == SecretType::jwt && value.starts_with("-----BEGIN") && !is_rsa_key(value)) {
    return fail(ErrorCode::invalid, "value must be an RSA private key in PEM, without a passphrase",
                "keep the line breaks of the key's file; in JSON each is \\n");
  }
  return {};
}

bool is_value_enough(SecretType type) {
  return type == SecretType::plain || type == SecretType::basic || type == SecretType::bearer ||
         type == SecretType::jwt;
}

}  // namespace bellpull
