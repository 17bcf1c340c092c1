#include "action/ability.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "action/ability_gates.h"
#include "action/abort.h"
#include "action/action.h"
#include "action/action_set.h"
#include "action/echo.h"
#include "action/fetch.h"
#include "base/random.h"
#include "base/time.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "support/http_stand_in.h"
#include "support/no_references.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

class AbilityTest : public testing::Test {
 protected:
  AbilityTest() {
    actions.add("echo", std::make_unique<EchoAction>());
    actions.add("abort/success", std::make_unique<AbortAction>(Settlement::success));
    actions.add("abort/failure", std::make_unique<AbortAction>(Settlement::failure));
  }
  ActionOutcome call(std::string instruction, std::string_view arguments) {
    const AbilityFunction ability(
        {.name = "one", .description = "", .instruction = std::move(instruction)}, "one",
        {actions, references, gates, clock});
    return run_task(context,
                    ability.execute({.arguments = boost::json::parse(arguments).as_object(),
                                     .context = {},
                                     .idempotency_key = "key",
                                     .deadline = clock.steady_now() + std::chrono::seconds{9}}));
  }
  static std::string text(const ActionOutcome& outcome) {
    return boost::json::serialize(outcome.result);
  }

  boost::asio::io_context context{1};
  SystemClock clock;
  ActionSet actions;
  NoReferences references;
  AbilityGates gates{0};
};

// What it does is known by its method, whatever stands for the server's values.
TEST_F(AbilityTest, ACallOfAnUnknownKindIsNotIdempotent) {
  const HttpStandIn nobody([](const StandInRequest&) { return StandInReply{}; });
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient client{context.get_executor(), {}, {resolver, resolver}, clock};
  SeededRandom random{1};
  actions.add("fetch", std::make_unique<FetchAction>(client, clock, random));
  const auto idempotent = [&](std::string_view input) {
    const AbilityFunction ability(
        {.name = "one", .description = "", .instruction = fmt::format("```fetch\n{}\n```", input)},
        "one", {actions, references, gates, clock});
    EXPECT_EQ(ability.action(), "fetch") << input;
    return ability.is_idempotent({});
  };
  for (const auto* post :
       {"POST http://${CONTACT_NAME}:8080/slow", "method: POST\nurl: http://${SECRET_X}:8080/slow",
        "method: POST\nurl: ${SECRET_X}",
        "POST http://x.example/\nContent-Type: application/json\n\n{\"a\": ${SECRET_X j}}",
        "POST http://x.example/\n\n${SECRET_X}", "PATCH http://x.example/${CONTACT_NAME}"}) {
    EXPECT_FALSE(idempotent(post)) << post;
  }
  for (const auto* get :
       {"GET http://${CONTACT_NAME}:8080/slow", "http://x.example/${CONTACT_NAME}",
        "method: PUT\nurl: http://x.example/\nbody: ${SECRET_X}"}) {
    EXPECT_TRUE(idempotent(get)) << get;
  }
}

TEST_F(AbilityTest, ItsFunctionIsNamedAfterIt) {
  EXPECT_EQ(function_name("sendMail"), "sendMail");
  EXPECT_EQ(function_name("Send e-mail!"), "send_e_mail");
  EXPECT_EQ(function_name("_success"), "success");
  EXPECT_EQ(function_name("  Caf\xC3\xA9  24/7 "), "caf_24_7");
  EXPECT_EQ(function_name("???"), "");
  EXPECT_EQ(function_name(std::string(100, 'a')).size(), 64U);
  EXPECT_EQ(function_name(std::string(63, 'a') + " b"), std::string(63, 'a')) << "no _ at the cut";
}

TEST_F(AbilityTest, TwoOfOneNameAreNumberedAndTheNamelessAreReported) {
  const auto made = make_abilities(
      {{"Get it", "", "x"}, {"get_it", "d", "x"}, {"!", "", "x"}, {"get-it", "", "x"}},
      {actions, references, gates, clock});
  ASSERT_EQ(made.usable.size(), 3U);
  EXPECT_EQ(made.usable[0].tool().name, "get_it");
  EXPECT_EQ(made.usable[1].tool().name, "get_it_2");
  EXPECT_EQ(made.usable[2].tool().name, "get_it_3");
  EXPECT_EQ(made.usable[0].tool().description, "Get it");
  EXPECT_EQ(made.usable[1].tool().description, "d");
  EXPECT_EQ(made.unnamed, std::vector<std::string>{"!"});
}

TEST_F(AbilityTest, EchoGivesItsInputBack) {
  EXPECT_EQ(text(call("```echo\nhello $[name]\n```", R"({"name":"Ann"})")), R"("hello Ann")");
  EXPECT_EQ(text(call("```echo\n{\"n\": $[n num]}\n```", R"({"n":7})")), R"({"n":7})");
}

TEST_F(AbilityTest, AbortSettlesTheRunWithAReason) {
  const auto done = call("```abort/success\n$[reason!|why]\n```", R"({"reason":"all good"})");
  EXPECT_EQ(done.settles, Settlement::success);
  EXPECT_EQ(done.reason, "all good");
  EXPECT_FALSE(done.is_error);
  EXPECT_EQ(call("```abort/failure\n$[reason!]\n```", R"({"reason":"no"})").settles,
            Settlement::failure);
  const auto mute = call("```abort/failure\n$[reason]\n```", R"({"reason":"  "})");
  EXPECT_TRUE(mute.is_error);
  EXPECT_FALSE(mute.settles);
}

TEST_F(AbilityTest, ProseIsGivenToTheModel) {
  const auto read = call("Look at the order first.", "{}");
  EXPECT_EQ(text(read), R"("Look at the order first.")");
  EXPECT_FALSE(read.is_error);
}

TEST_F(AbilityTest, WhatCannotRunSaysWhatWould) {
  const auto unknown = call("```smoke/signal\nx\n```", "{}");
  EXPECT_TRUE(unknown.is_error);
  EXPECT_EQ(
      text(unknown),
      R"({"error":"There is no action \"smoke/signal\"; this server knows: abort/failure, abort/success, echo"})");
  EXPECT_TRUE(
      text(call("@google/calendar", "{}"))
          .starts_with(R"({"error":"There is no template \"google/calendar\"; this server)"));
  EXPECT_EQ(text(call("```echo\n$[name!]\n```", "{}")),
            R"({"error":"The parameter \"name\" is required"})");
}

}  // namespace
}  // namespace bellpull
