// What the server is told: flag, then BELLPULL_* environment, then configuration file, then
// default.
//
// Every setting is one entry of one table (settings.cpp) under one key: "egress.allow" is
// `--egress-allow`, BELLPULL_EGRESS_ALLOW, and `allow` under `[egress]` in the file. Anything
// unknown is an error with a suggestion. What may be declared several times has a name in its key:
// "database.crm.sqlite" is BELLPULL_DATABASE_CRM_SQLITE, or `sqlite` under `[database.crm]`; such
// settings have no flags.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/run_limits.h"
#include "api/key_rules.h"
#include "base/log.h"
#include "base/result.h"
#include "base/time.h"
#include "database/declaration.h"
#include "domain/account.h"
#include "egress/smtp_call.h"
#include "llm/provider_settings.h"
#include "mcp/server_settings.h"
#include "queue/retry.h"
#include "trigger/trigger_rate.h"

namespace bellpull {

struct Settings {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8484;
  std::filesystem::path data = "./data";
  bool demo = false;
  std::size_t workers = 10'000;  // runs at the same time; 0: events are kept and wait
  std::size_t io_threads = 1;
  Duration grace = std::chrono::seconds{30};
  std::string tls_cert;
  std::string tls_key;
  LogFormat log_format = LogFormat::text;
  LogLevel log_level = LogLevel::info;
  std::size_t event_body_limit = std::size_t{1} << 20;
  RateLimit trigger_rate;
  KeyRules keys;

  TimestampForm timestamps = TimestampForm::iso;
  std::vector<std::string> origins = {"*"};  // of web pages whose browsers may call the API
  std::string public_url;        // where clients reach the server; empty: as they say themselves
  bool trust_forwarded = false;  // what a proxy says that the client asked for
  std::size_t file_limit = std::size_t{10} << 20;
  bool require_bot = true;
  std::string currency = "USD";
  std::size_t log_days = 90;  // entries of the event log are kept; 0: for ever
  std::size_t log_items = 10'000'000;
  std::vector<std::string> egress_allow;
  std::vector<DatabaseDeclaration> databases;

  std::string default_model = "builtin/demo";
  std::string openai_base_url = "https://api.openai.com/v1";
  bool openai_is_configured = false;  // the base URL is the operator's own
  std::string openai_api_key;
  std::vector<std::string> openai_models;  // that the list of models names beside the default
  std::vector<std::string> openai_fallbacks;
  std::string openai_system_role = "system";
  std::string openai_max_tokens_field = "max_tokens";
  bool openai_streams = true;
  Duration openai_timeout = std::chrono::seconds{120};
  Duration openai_idle_timeout = std::chrono::seconds{60};
  std::size_t openai_failures_to_pause = 5;

  std::string mail_relay;  // "smtp://mail.example.com:587"; empty: no mail
  std::string mail_from;
  std::string mail_user;
  std::string mail_password;
  std::optional<StartTls> mail_starttls;  // nothing: required with a login, else when offered
  std::string mail_ca_file;               // PEM; empty: the system's
  std::vector<std::string> mail_domains;  // that mails may go to; empty: any
  Duration mail_timeout = std::chrono::seconds{60};
  std::size_t mail_recipients = 20;  // of one mail

  RunLimits run;
  RetryPolicy retry;
  std::size_t running_per_trigger = 0;
  std::size_t running_per_account = 0;
  std::size_t calls_per_ability = 256;  // 0: no bound
  std::size_t calls_by_hand = 4;
  std::int64_t max_hops = 8;

  // Tables of the file: `[mcp.NAME]` and `[provider.NAME]`.
  std::vector<McpServerSettings> mcp_servers;
  std::vector<ProviderSettings> providers;

  std::optional<std::string> admin_token;     // BELLPULL_ADMIN_TOKEN
  std::optional<std::string> master_key;      // BELLPULL_MASTER_KEY
  std::optional<std::string> new_master_key;  // BELLPULL_NEW_MASTER_KEY: of `rotate-key`
};

using Environment = std::map<std::string, std::string>;
Environment process_environment();

// The settings of `serve` with these arguments. `exit_code` is set when the arguments asked for
// help, which was printed. Fails with `invalid`, naming the flag, variable or key and where it
// stands.
Result<Settings> read_settings(const std::vector<std::string>& arguments,
                               const Environment& environment, std::optional<int>& exit_code);

}  // namespace bellpull
