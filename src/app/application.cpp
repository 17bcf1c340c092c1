#include "app/application.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <expected>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <signal.h>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <fmt/core.h>

#include "action/ability_bench.h"
#include "action/ability_gates.h"
#include "action/action_set.h"
#include "action/inner_actions.h"
#include "action/standard_actions.h"
#include "action/stored_references.h"
#include "agent/ability_tools.h"
#include "agent/agent.h"
#include "agent/bot_asker.h"
#include "agent/model_catalog.h"
#include "api/api.h"
#include "api/event_route.h"
#include "api/models.h"
#include "api/server_address.h"
#include "app/demo.h"
#include "app/housekeeping.h"
#include "app/mail_settings.h"
#include "app/master_key.h"
#include "app/metrics.h"
#include "app/remote_files.h"
#include "app/report.h"
#include "app/runtime_files.h"
#include "app/settings.h"
#include "app/version.h"
#include "base/log.h"
#include "base/random.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "database/databases.h"
#include "database/declaration.h"
#include "dataset/importer.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "http/http_server.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/service.h"
#include "http/tls.h"
#include "identity/accounts.h"
#include "identity/authenticator.h"
#include "llm/anthropic_provider.h"
#include "llm/anthropic_settings.h"
#include "llm/demo_provider.h"
#include "llm/openai_provider.h"
#include "llm/openai_settings.h"
#include "llm/provider.h"
#include "llm/provider_settings.h"
#include "llm/rules_provider.h"
#include "mail/mailer.h"
#include "mcp/mcp_servers.h"
#include "mcp/server_settings.h"
#include "queue/run_queue.h"
#include "schedule/scheduler.h"
#include "sqlite/data_directory.h"
#include "sqlite/sqlite_store.h"
#include "store/transaction.h"
#include "trigger/event_intake.h"
#include "trigger/rejection_log.h"
#include "trigger/trigger_registry.h"
#include "vault/vault.h"
#include "worker/worker.h"

namespace bellpull {

namespace asio = boost::asio;

namespace {

// Open requests get this long to be answered once a stop has begun; runs have the longer grace.
constexpr Duration request_grace = std::chrono::seconds{5};
constexpr Duration bench_grace = std::chrono::seconds{3};

// With a demo, bots may reach its echo service on this very server, and nothing else of it.
Result<AllowList> allow_list(const Settings& settings, const std::string& authority) {
  std::vector<std::string> rules = settings.egress_allow;
  if (settings.demo) rules.push_back(authority + "/demo/echo");
  return AllowList::parse(rules);
}

Result<OpenAiSettings> openai_settings(const Settings& settings) {
  OpenAiSettings result{.connection = {.name = "openai",
                                       .base_url = settings.openai_base_url,
                                       .api_key = settings.openai_api_key,
                                       .timeout = settings.openai_timeout,
                                       .streams = settings.openai_streams,
                                       .idle_timeout = settings.openai_idle_timeout,
                                       .failures_to_pause = static_cast<std::int64_t>(
                                           settings.openai_failures_to_pause)},
                        .system_role = settings.openai_system_role,
                        .max_tokens_field = settings.openai_max_tokens_field};
  if (settings.openai_is_configured) {
    auto allowance = Allowance::for_url(settings.openai_base_url);
    if (!allowance) {
      allowance.error().message = "openai.base_url: " + allowance.error().message;
      return std::unexpected(allowance.error());
    }
    result.connection.allowance = *allowance;
  }
  return result;
}

// Each program has a folder of its own to run in, unless the operator named one.
std::vector<McpServerSettings> mcp_servers(const Settings& settings,
                                           const std::filesystem::path& data) {
  std::vector<McpServerSettings> servers = settings.mcp_servers;
  for (McpServerSettings& server : servers) {
    auto* const command = std::get_if<StdioCommand>(&server.at);
    if (command == nullptr || !command->directory.empty()) continue;
    const std::filesystem::path folder = std::filesystem::absolute(data) / "mcp" / server.name;
    std::filesystem::create_directories(folder);
    command->directory = folder.string();
  }
  return servers;
}

// Which provider serves a model of that name; see the catalog's prefixes.
std::string provider_of(const Settings& settings, std::string_view model) {
  for (const ProviderSettings& provider : settings.providers) {
    if (model.starts_with(provider.name + "/")) return provider.name;
  }
  return "openai";
}

// What bots can name: the built-in models, and those of other providers that the operator named.
// Which others a provider has, only its server knows.
std::vector<OfferedModel> offered_models(const Settings& settings) {
  std::vector<OfferedModel> models{
      {.name = "builtin/demo",
       .description = "Deterministic and offline: calls what it can and settles. It understands no "
                      "language.",
       .provider = "builtin"},
      {.name = "builtin/rules",
       .description = "Deterministic and offline: follows the program of rules in the bot's "
                      "backstory. It understands no language.",
       .provider = "builtin"}};
  std::vector<std::string> named = settings.openai_models;
  for (const ProviderSettings& provider : settings.providers) {
    for (const std::string& model : provider.models) named.push_back(provider.name + "/" + model);
  }
  named.insert(named.begin(), settings.default_model);
  for (const std::string& name : named) {
    const bool is_known = std::ranges::find(models, name, &OfferedModel::name) != models.end();
    if (!is_known) models.push_back({.name = name, .provider = provider_of(settings, name)});
  }
  for (OfferedModel& model : models) model.is_default = model.name == settings.default_model;
  return models;
}

// A fallback that only [openai] would serve, which nobody configured: its name is a mistake.
Result<void> check_fallbacks(const Settings& settings) {
  if (settings.openai_is_configured || !settings.openai_api_key.empty()) return {};
  for (const ProviderSettings& provider : settings.providers) {
    for (const std::string& model : provider.fallbacks) {
      if (model.starts_with("builtin/") || provider_of(settings, model) != "openai") continue;
      return fail(ErrorCode::invalid,
                  fmt::format("provider.{}.fallback: no provider serves {}", provider.name, model),
                  "write NAME/model, NAME being that of a [provider.NAME]");
    }
  }
  return {};
}

std::unique_ptr<Provider> make_provider(const ProviderSettings& settings, HttpClient& client,
                                        const Clock& clock, Random& random) {
  if (const auto* anthropic = std::get_if<AnthropicSettings>(&settings.language)) {
    return std::make_unique<AnthropicProvider>(*anthropic, client, clock, random);
  }
  return std::make_unique<OpenAiProvider>(std::get<OpenAiSettings>(settings.language), client,
                                          clock, random);
}

std::string host_in_url(const std::string& address) {
  if (address == "0.0.0.0") return "127.0.0.1";
  if (address == "::") return "[::1]";
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

// Every connection, and every file of the store, is a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  static_cast<void>(::setrlimit(RLIMIT_NOFILE, &limit));
}

// Here and not where settings are read: by now there is a data directory to keep statements out of.
Result<void> check_databases(const Settings& settings, const DataDirectory& directory) {
  std::string message;
  for (const std::string& problem : problems_of(settings.databases, directory.folder())) {
    message += (message.empty() ? "" : "; ") + problem;
  }
  if (message.empty()) return {};
  return fail(ErrorCode::invalid, message, "docs/operate/databases.md shows declarations");
}

// Everything, in the order of dependence. Members are destroyed from the last to the first.
class Application {
 public:
  Application(const Settings& settings, DataDirectory directory, Vault vault, Log& log)
      : settings_(settings),
        log_(log),
        directory_(std::move(directory)),
        vault_(std::move(vault)),
        store_(directory_.folder(), random_, clock_, log),
        registry_(store_, vault_, clock_, settings.trigger_rate),
        authenticator_(store_, clock_),
        queue_(work_.get_executor(), store_, clock_,
               {.running_per_trigger = settings.running_per_trigger,
                .running_per_account = settings.running_per_account},
               log),
        scheduler_(work_.get_executor(), store_, clock_, {}, log),
        importer_(store_, clock_, log),
        remote_files_(work_.get_executor(), clock_),
        bench_(work_.get_executor(), clock_, log, {.of_one_account = settings.calls_by_hand}),
        api_(router_, {store_, authenticator_, vault_, clock_, random_, log, remote_files_, bench_},
             {.event_body_limit = settings.event_body_limit,
              .timestamps = settings.timestamps,
              .currency = settings.currency,
              .models = offered_models(settings),
              .require_bot = settings.require_bot,
              .origins = settings.origins,
              .keys = settings.keys,
              .file_limit = settings.file_limit,
              .address = {.public_url = settings.public_url,
                          .forwarded = settings.trust_forwarded ? ForwardedHeaders::trusted
                                                                : ForwardedHeaders::ignored},
              .version = version}),
        rejections_(work_.get_executor(), store_, clock_, log),
        event_route_(registry_, rejections_, store_, clock_, random_, settings.keys.lifetime),
        server_(http_config(settings), router_, server_hooks(), clock_, log),
        signals_(work_, SIGTERM, SIGINT) {}

  Result<int> run() {
    event_route_.add_to(api_.routes(), settings_.event_body_limit);
    event_route_.serve_threads_of(server_);
    metrics_.add_routes(router_);
    Metrics::describe(api_.routes());
    api_.describe(version);
    if (settings_.demo) add_demo_route(router_);

    const std::uint16_t port = server_.open();
    authority_ = host_in_url(settings_.address) + ":" + std::to_string(port);
    url_ = (settings_.tls_cert.empty() ? "http://" : "https://") + authority_;
    if (auto built = build_runtime(); !built) return std::unexpected(built.error());

    store_.listen(registry_);
    store_.listen(queue_);
    store_.listen(scheduler_);
    store_.listen(api_.run_watch());
    store_.listen(importer_);
    store_.listen(api_.log_watch());
    store_.listen(runtime_->agent.plans());
    store_.listen(runtime_->worker);
    store_.start();
    // Whatever happens, the store's threads end before what they answer to.
    const StopStore stop_store{store_};
    if (auto started = wait_for(first_start()); !started) return std::unexpected(started.error());
    importer_.start();
    serve();
    return 0;
  }

 private:
  // What executes runs: it lives on the worker's executor and may reach the outside.
  struct Runtime {
    Runtime(Application& app, AllowList allowed, OpenAiSettings openai_settings,
            std::optional<MailSettings> relay)
        : resolver(app.work_.get_executor(), app.clock_),
          operator_resolver(app.work_.get_executor(), app.clock_),
          client(app.work_.get_executor(), std::move(allowed), {resolver, operator_resolver},
                 app.clock_),
          mailer(app.work_.get_executor(), std::move(relay), operator_resolver, app.clock_),
          mcp(app.work_.get_executor(), mcp_servers(app.settings_, app.directory_.folder()), client,
              app.clock_, app.log_),
          openai(std::move(openai_settings), client, app.clock_, app.random_),
          databases(app.work_.get_executor(), app.settings_.databases, app.directory_.folder(),
                    app.clock_, app.log_),
          models(app.settings_.default_model),
          intake(app.work_, app.store_),
          asker(models, app.clock_),
          actions(standard_actions({client, mailer, databases, mcp, app.clock_, app.random_})),
          references(app.store_, app.vault_, app.clock_),
          gates(app.settings_.calls_per_ability),
          tools({actions, references, gates, app.clock_}),
          agent(app.store_, app.clock_, app.random_, models, tools,
                {.limits = app.settings_.run, .retry = app.settings_.retry}, app.log_),
          worker(app.work_.get_executor(), app.queue_, app.store_, agent, app.clock_,
                 {.max_running = app.settings_.workers}, app.log_),
          housekeeping(app.work_.get_executor(), app.store_, app.clock_,
                       {.log_age = std::chrono::days{app.settings_.log_days},
                        .log_items = static_cast<std::int64_t>(app.settings_.log_items)},
                       app.log_),
          observed{app.store_,
                   app.queue_,
                   worker,
                   app.scheduler_,
                   app.server_,
                   app.event_route_,
                   app.work_.get_executor()} {
      models.add("builtin/demo", demo);
      models.add("builtin/rules", rules);
      models.add("", openai, app.settings_.openai_fallbacks);
      for (const ProviderSettings& settings : app.settings_.providers) {
        providers.push_back(make_provider(settings, client, app.clock_, app.random_));
        models.add(settings.name + "/", *providers.back(), settings.fallbacks);
      }
      add_inner_actions(actions, {.store = app.store_,
                                  .clock = app.clock_,
                                  .door = {.intake = intake,
                                           .registry = app.registry_,
                                           .body_limit = app.settings_.event_body_limit,
                                           .key_lifetime = app.settings_.keys.lifetime,
                                           .max_hops = app.settings_.max_hops},
                                  .asker = asker});
    }

    DnsResolver resolver;                              // names to addresses, within bounds
    DnsResolver operator_resolver;                     // the same for what the operator configured
    HttpClient client;                                 // the one way out for HTTP
    Mailer mailer;                                     // the one way out for mail
    McpServers mcp;                                    // the operator's servers of tools
    DemoProvider demo;                                 // builtin/demo
    RulesProvider rules;                               // builtin/rules
    OpenAiProvider openai;                             // every model that is no other's
    std::vector<std::unique_ptr<Provider>> providers;  // that the operator declared
    Databases databases;                               // what the operator declared for abilities
    ModelCatalog models;                               // model strings to providers
    EventIntake intake;                                // events that runs send
    BotAsker asker;                                    // questions of one bot to another
    ActionSet actions;                                 // what abilities can do
    StoredReferences references;                       // the server's names in instructions
    AbilityGates gates;                                // how many calls of an ability at once
    AbilityTools tools;                                // abilities as a model's functions
    Agent agent;                                       // executes one run
    Worker worker;                                     // leases runs for the agent
    Housekeeping housekeeping;                         // retention, from time to time
    const Observed observed;                           // for metrics
  };

  struct StopStore {
    SqliteStore& store;
    ~StopStore() { store.stop(); }
  };

  static HttpConfig http_config(const Settings& settings) {
    HttpConfig config{
        .address = settings.address, .port = settings.port, .threads = settings.io_threads};
    if (!settings.tls_cert.empty()) config.tls = TlsFiles{settings.tls_cert, settings.tls_key};
    return config;
  }

  ServerHooks server_hooks() {
    ServerHooks hooks = api_.hooks();
    hooks.finish = [this, finish = std::move(hooks.finish)](Response& response,
                                                            const RequestHead& request) {
      if (response.status >= 400) event_route_.note_refusal(response.status, request);
      finish(response, request);
    };
    hooks.observe = [this](const AnsweredRequest& exchange) { metrics_.count(exchange); };
    return hooks;
  }

  Result<void> build_runtime() {
    auto allowed = allow_list(settings_, authority_);
    if (!allowed) return std::unexpected(allowed.error());
    auto openai = openai_settings(settings_);
    if (!openai) return std::unexpected(openai.error());
    if (auto checked = check_fallbacks(settings_); !checked) {
      return std::unexpected(checked.error());
    }
    auto relay = mail_settings(settings_);
    if (!relay) return std::unexpected(relay.error());
    runtime_ = std::make_unique<Runtime>(*this, std::move(*allowed), std::move(*openai),
                                         std::move(*relay));
    remote_files_.use(runtime_->client);
    bench_.use({runtime_->actions, runtime_->references, runtime_->gates, clock_});
    metrics_.observe(runtime_->observed);
    return {};
  }

  // Runs a task to its end on the worker's executor, before it serves or after it stopped.
  template <class T>
  T wait_for(Task<T> task) {
    auto future = asio::co_spawn(work_, std::move(task), asio::use_future);
    work_.restart();
    work_.run();
    return future.get();
  }

  Task<Result<void>> first_start() {
    const TimePoint now = clock_.now();
    const bool is_empty = co_await store_.read([](const Transaction& snapshot) {
      return snapshot.accounts().list({.page = {.take = 1}}).empty();
    });
    // On disk before the account is: a token that nobody could read would lock everybody out.
    std::optional<std::string> first_token = settings_.admin_token;
    if (is_empty && !first_token) first_token = admin_token_in(directory_.folder(), random_);
    const auto token =
        co_await store_.transact([&](Transaction& tx) -> Result<std::optional<std::string>> {
          if (auto proven = prove_master_key(tx, vault_); !proven) {
            return std::unexpected(proven.error());
          }
          auto made = make_first_account(tx, first_token, random_, now);
          if (!made || !settings_.demo) return made;
          const auto demo =
              *made ? make_demo(tx, url_, vault_, random_, now) : point_demo_at(tx, url_);
          if (!demo) return std::unexpected(demo.error());
          return made;
        });
    if (!token) co_return std::unexpected(token.error());
    if (!*token && settings_.admin_token) {
      log_.warning("identity", "BELLPULL_ADMIN_TOKEN counts on an empty data directory only");
    }
    if (const auto& shown = *token; shown && !settings_.admin_token) {
      std::cout << "admin token (shown once; kept in " << directory_.folder().string()
                << "/admin.token): " << *shown << '\n'
                << std::flush;
    }
    if (settings_.demo) {
      greeting_ = co_await store_.read([&](const Transaction& snapshot) {
        return demo_greeting(snapshot, url_, directory_.folder().string(), vault_);
      });
    }
    co_return Result<void>{};
  }

  void serve() {
    const ServerFile server_file{directory_.folder(), url_};
    wait_for_signal();
    work_.restart();
    asio::co_spawn(work_, start_runs(), [this](const std::exception_ptr& failure) {
      if (!failure) return;
      log_failure("could not read the queue", failure);
      queue_.reopened();
    });
    asio::co_spawn(work_, runtime_->housekeeping.run(), [this](const std::exception_ptr& failure) {
      if (failure) log_failure("housekeeping ended", failure);
    });
    scheduler_.start();
    server_.start();
    metrics_.set_ready(true);
    log_.info("server", "listening", {{"url", boost::json::value(url_)}, {"version", version}});
    std::cout << "listening on " << url_ << '\n' << greeting_ << std::flush;
    work_.run();
    log_.info("server", "stopped");
  }

  Task<void> start_runs() {
    if (settings_.workers == 0) co_return;
    runtime_->worker.start();
    co_await queue_.load();
  }

  void wait_for_signal() {
    signals_.async_wait([this](boost::system::error_code canceled, int signal) {
      if (canceled) return;
      log_.info("server", "stopping", {{"signal", signal}, {"graceMs", settings_.grace.count()}});
      // A second one ends the process where it stands: what was acknowledged is on disk.
      signals_.async_wait([](boost::system::error_code none, int again) {
        if (!none) ::_exit(128 + again);
      });
      asio::co_spawn(work_, stop(), [this](const std::exception_ptr& failure) {
        if (failure) log_failure("stop failed", failure);
        signals_.cancel();
        work_.stop();
      });
    });
  }

  // In reverse: no new requests, no new runs, then nothing that writes, then the store.
  Task<void> stop() {
    metrics_.set_ready(false);
    api_.run_watch().close();  // whoever waits for a run is answered now
    api_.log_watch().close();
    // Its answers are to be out before the server's grace is over.
    bench_.close(std::min(settings_.grace, bench_grace));
    std::jthread http{[this] { server_.stop(std::min(settings_.grace, request_grace)); }};
    co_await scheduler_.stop();
    co_await runtime_->worker.stop(settings_.grace);
    co_await runtime_->mcp.stop();
    co_await queue_.stop();
    runtime_->housekeeping.stop();
    co_await bench_.join();
    http.join();
    co_await rejections_.stop();
    importer_.stop();
    store_.stop();
  }

  void log_failure(std::string_view what, const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      log_.error("server", what, {{"error", error.what()}});
    }
  }

  const Settings& settings_;
  Log& log_;
  const SystemClock clock_;
  SystemRandom random_;
  DataDirectory directory_;           // the folder and its lock
  Vault vault_;                       // sealed secrets
  asio::io_context work_{1};          // the worker's executor: runs, queue, outbound HTTP
  SqliteStore store_;                 // everything that is kept
  TriggerRegistry registry_;          // who may send events
  Authenticator authenticator_;       // who may call the API
  RunQueue queue_;                    // which run is next
  Scheduler scheduler_;               // which schedules are due
  Importer importer_;                 // attached files' texts into datasets
  RemoteFiles remote_files_;          // contents named by their URL
  AbilityBench bench_;                // abilities that people try out
  Router router_;                     // paths to handlers
  Api api_;                           // the management API
  RejectionLog rejections_;           // whom the door refused
  EventRoute event_route_;            // the door for events
  Metrics metrics_;                   // health and figures
  HttpServer server_;                 // sockets
  asio::signal_set signals_;          // when to stop
  std::unique_ptr<Runtime> runtime_;  // what executes runs, once the port is known
  std::string authority_;
  std::string url_;
  std::string greeting_;
};

}  // namespace

Result<int> serve(const Settings& settings, Log& log) {
  raise_descriptor_limit();
  ::umask(077);  // what is kept is for its owner only, whoever made the folder
  auto directory = DataDirectory::open(settings.data);
  if (!directory) return std::unexpected(directory.error());
  if (auto checked = check_databases(settings, *directory); !checked) {
    return std::unexpected(checked.error());
  }
  auto vault = open_vault(settings, *directory);
  if (!vault) return std::unexpected(vault.error());
  Application application{settings, std::move(*directory), std::move(*vault), log};
  return application.run();
}

int run_serve(int argc, char** argv) {
  // Whoever read the output may go (`serve | head`); the server stays.
  std::signal(SIGPIPE, SIG_IGN);
  std::optional<int> exit_code;
  const auto settings =
      read_settings(std::vector<std::string>(argv, argv + argc), process_environment(), exit_code);
  if (exit_code) return *exit_code;
  if (!settings) return report(settings.error());
  try {
    Log log{settings->log_format, settings->log_level};
    const auto served = serve(*settings, log);
    return served ? *served : report(served.error());
  } catch (const std::exception& error) {
    return report({ErrorCode::unavailable, error.what(), {}});
  }
}

}  // namespace bellpull
