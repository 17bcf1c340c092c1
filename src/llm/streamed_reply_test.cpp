#include "llm/streamed_reply.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/time.h"
#include "egress/allow_list.h"
#include "egress/http_client.h"
#include "egress/resolver.h"
#include "llm/anthropic_provider.h"
#include "llm/model_connection.h"
#include "llm/openai_provider.h"
#include "llm/provider.h"
#include "support/http_stand_in.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

using namespace std::chrono_literals;

// The data lines of an event stream, of single quotes made double ones for the sake of the reader.
std::string events(const std::vector<std::string>& data) {
  std::string text;
  for (std::string item : data) {
    std::ranges::replace(item, '\'', '"');
    text += "data: " + item + "\n\n";
  }
  return text;
}

struct Seen final : AnswerFollower {
  void on_begin() override { text += "|"; }
  void on_text(std::string_view piece) override { text += std::string(piece) + "."; }
  std::string text;
};

class StreamedReplyTest : public testing::Test {
 protected:
  using Answer = std::expected<ModelAnswer, Failure>;

  static StandInReply stream_of(const std::vector<std::string>& data,
                                StandInEnd end = StandInEnd::keep) {
    return {.headers = {{"Content-Type", "text/event-stream"}}, .body = events(data), .end = end};
  }
  ConnectionSettings connection(const HttpStandIn& server) const {
    return {.name = "peer",
            .base_url = server.url(),
            .api_key = "sk-very-secret",
            .timeout = first_byte,
            .idle_timeout = idle,
            .allowance = Allowance::for_url(server.url()).value()};
  }
  ModelRequest request() {
    return {.model = "m",
            .turns = {{.role = Role::user, .text = "hi"}},
            .deadline = clock.steady_now() + 20s,
            .follower = &seen};
  }
  Answer openai(const StandInReply& reply) {
    const HttpStandIn server([&](const StandInRequest&) { return reply; });
    OpenAiProvider provider({.connection = connection(server)}, client, clock, random);
    return run_task(context, provider.complete(request()));
  }
  Answer openai(const std::vector<std::string>& data) { return openai(stream_of(data)); }
  Answer anthropic(const std::vector<std::string>& data) {
    const HttpStandIn server([&](const StandInRequest&) { return stream_of(data); });
    AnthropicProvider provider({.connection = connection(server)}, client, clock, random);
    return run_task(context, provider.complete(request()));
  }
  static std::string cause(const Answer& answer) {
    return answer ? "answered" : answer.error().cause;
  }

  // The pauses between tries are drawn as zero, so that no test waits for one.
  class NoJitter final : public Random {
   public:
    void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{0}); }
  };

  Duration first_byte = 10s;
  Duration idle = 10s;
  Seen seen;
  boost::asio::io_context context{1};
  SystemClock clock;
  NoJitter random;
  DnsResolver resolver{context.get_executor(), clock};
  HttpClient client{context.get_executor(), {}, {resolver, resolver}, clock};
};

TEST_F(StreamedReplyTest, AStreamIsAskedForWithItsUsage) {
  const HttpStandIn server([&](const StandInRequest&) {
    return stream_of({"{'choices':[{'delta':{'content':'x'},'finish_reason':'stop'}]}", "[DONE]"});
  });
  OpenAiProvider provider({.connection = connection(server)}, client, clock, random);
  ASSERT_TRUE(run_task(context, provider.complete(request())));
  ASSERT_TRUE(run_task(context, provider.complete(request())));
  const auto body = boost::json::parse(server.requests().at(0).body).as_object();
  EXPECT_TRUE(body.at("stream").as_bool());
  EXPECT_TRUE(body.at("stream_options").at("include_usage").as_bool());
  EXPECT_TRUE(server.requests().at(0).header("accept").starts_with("text/event-stream"));
  EXPECT_EQ(server.accepted(), 1U) << "a stream that is read to its end leaves the connection";
}

TEST_F(StreamedReplyTest, TextAndCallsArePutTogether) {
  const auto answer = openai(std::vector<std::string>{
      "{'id':'c','model':'m-1','choices':[{'index':0,'delta':{'role':'assistant','content':''}}]}",
      "{'choices':[{'index':0,'delta':{'content':'Let '}}]}",
      "{'choices':[{'index':0,'delta':{'content':'me see','reasoning_content':'h'}}]}",
      "{'choices':[{'index':0,'delta':{'reasoning_content':'m'}}]}",
      "{'choices':[{'index':0,'delta':{'tool_calls':[{'index':0,'id':'t1','type':'function',"
      "'function':{'name':'get','arguments':''}}]}}]}",
      "{'choices':[{'index':0,'delta':{'tool_calls':[{'index':0,'function':{'arguments':'{\\\"id'}}"
      "]}}]}",
      "{'choices':[{'index':0,'delta':{'tool_calls':[{'index':1,'id':'t2','type':'function',"
      "'function':{'name':'put','arguments':'{}'}},{'index':0,'function':{'arguments':'\\\":17}'}}]"
      "}}]}",
      "{'choices':[{'index':0,'delta':{},'finish_reason':'tool_calls'}]}",
      "{'choices':[],'usage':{'prompt_tokens':9,'completion_tokens':3}}", "[DONE]"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "Let me see");
  EXPECT_EQ(answer->reasoning, "hm");
  EXPECT_EQ(answer->model, "m-1");
  EXPECT_EQ(answer->usage.input, 9);
  EXPECT_EQ(answer->usage.output, 3);
  ASSERT_EQ(answer->calls.size(), 2U);
  EXPECT_EQ(answer->calls[0].name, "get");
  EXPECT_EQ(answer->calls[0].arguments, R"({"id":17})");
  EXPECT_EQ(answer->calls[1].id, "t2");
  EXPECT_FALSE(answer->verbatim.contains("index")) << "what goes back has the form of a message";
  EXPECT_EQ(seen.text, "|Let .me see.");
}

TEST_F(StreamedReplyTest, ServersThatStreamTheirOwnWayAreUnderstood) {
  const auto answer = openai(std::vector<std::string>{
      "{'choices':[{'delta':{'tool_calls':[{'id':'a','function':{'name':'get','arguments':'{}'}}]}}"
      "]}",
      "{'choices':[{'delta':{'tool_calls':[{'id':'a','function':{'name':'get'}}]}}]}",
      "{'choices':[{'delta':{'tool_calls':[{'id':'b','function':{'name':'put','arguments':'{'}}]}}]"
      "}",
      "{'choices':[{'delta':{'tool_calls':[{'function':{'arguments':'}'}}]},'finish_reason':'stop'}"
      "]}"});
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->calls.size(), 2U);
  EXPECT_EQ(answer->calls[0].arguments, "{}");
  EXPECT_EQ(answer->calls[0].name, "get");
  EXPECT_EQ(answer->calls[1].arguments, "{}");
  EXPECT_EQ(answer->stop, StopReason::tool_calls);
}

TEST_F(StreamedReplyTest, CallsAreToldApartHoweverTheyAreCounted) {
  const auto one =
      openai(std::vector<std::string>{"{'choices':[{'delta':{'tool_calls':[{'index':1,'id':'a','"
                                      "function':{'name':'get','arguments':''}}]}}]}",
                                      "{'choices':[{'delta':{'tool_calls':[{'index':1,'function':{'"
                                      "arguments':'{}'}}]},'finish_reason':'stop'}]}"});
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_EQ(one->calls.size(), 1U);
  EXPECT_EQ(one->calls[0].arguments, "{}");
  const auto two =
      openai(std::vector<std::string>{"{'choices':[{'delta':{'tool_calls':[{'index':0,'id':'a','"
                                      "function':{'name':'get','arguments':'{}'}}]}}]}",
                                      "{'choices':[{'delta':{'tool_calls':[{'index':0,'id':'b','"
                                      "function':{'name':'put','arguments':'{}'}}]},"
                                      "'finish_reason':'stop'}]}"});
  ASSERT_TRUE(two) << two.error().message;
  ASSERT_EQ(two->calls.size(), 2U);
  EXPECT_EQ(two->calls[0].name, "get");
  EXPECT_EQ(two->calls[1].name, "put");
}

TEST_F(StreamedReplyTest, ACallThatIsCutOffIsNotMade) {
  for (const auto* reason : {"length", "content_filter"}) {
    const auto cut = openai(std::vector<std::string>{
        "{'choices':[{'delta':{'tool_calls':[{'index':0,'id':'a','function':{'name':'get','"
        "arguments':''}}]}}]}",
        fmt::format("{{'choices':[{{'delta':{{}},'finish_reason':'{}'}}]}}", reason)});
    ASSERT_TRUE(cut) << cut.error().message;
    EXPECT_TRUE(cut->calls.empty()) << reason;
  }
  for (const auto* reason : {"max_tokens", "model_context_window_exceeded", "refusal"}) {
    const auto cut =
        anthropic({"{'type':'message_start','message':{'content':[]}}",
                   "{'type':'content_block_start','content_block':{'type':'tool_use','id':'u','"
                   "name':'get','input':{}}}",
                   fmt::format("{{'type':'message_delta','delta':{{'stop_reason':'{}'}}}}", reason),
                   "{'type':'message_stop'}"});
    ASSERT_TRUE(cut) << cut.error().message;
    EXPECT_TRUE(cut->calls.empty()) << reason;
  }
}

TEST_F(StreamedReplyTest, AServerThatDoesNotStreamIsUnderstood) {
  const auto answer = openai(
      StandInReply{.headers = {{"Content-Type", "application/json"}},
                   .body = R"({"choices":[{"finish_reason":"stop","message":{"content":"a"}}]})"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "a");
  EXPECT_EQ(cause(openai(StandInReply{.status = 401, .body = R"({"error":"no"})"})),
            "unauthorized");
}

TEST_F(StreamedReplyTest, AStreamThatEndsBeforeTheAnswerIsAFailedTry) {
  const std::vector<std::string> half = {"{'choices':[{'delta':{'content':'half'}}]}"};
  EXPECT_EQ(cause(openai(half)), "bad_answer");
  EXPECT_EQ(seen.text, "|half.|half.|half.") << "each try begins anew";
  EXPECT_EQ(cause(openai(stream_of(half, StandInEnd::break_off))), "connection");
  EXPECT_EQ(cause(openai({"{'choices':[{'delta':{'content':'a'}}]}", "{broken"})), "bad_answer");
  EXPECT_EQ(cause(openai({"{'error':{'code':402,'message':'pay'}}"})), "quota");
  const auto slow = openai({"{'error':{'code':429,'message':'slowly, sk-very-secret'}}"});
  EXPECT_EQ(cause(slow), "rate_limited");
  EXPECT_TRUE(slow.error().message.ends_with("slowly, [redacted]")) << slow.error().message;
}

// Each try ends long before the deadline of the whole.
TEST_F(StreamedReplyTest, SilenceIsATimeout) {
  const auto tries = [&](const StandInReply& reply) {
    const HttpStandIn server([&](const StandInRequest&) { return reply; });
    OpenAiProvider provider({.connection = connection(server)}, client, clock, random);
    EXPECT_EQ(cause(run_task(context, provider.complete(request()))), "timeout");
    return server.requests().size();
  };
  idle = 60ms;
  EXPECT_EQ(
      tries(stream_of({"{'choices':[{'delta':{'content':'half'}}]}"}, StandInEnd::hang_in_body)),
      3U);
  idle = 10s;
  first_byte = 60ms;
  EXPECT_EQ(tries(StandInReply{.end = StandInEnd::hang}), 3U);
}

TEST_F(StreamedReplyTest, AMessageOfAnthropicsIsPutTogether) {
  const auto answer = anthropic(
      {"{'type':'message_start','message':{'id':'msg_1','model':'claude-x','content':[],"
       "'usage':{'input_tokens':5,'cache_read_input_tokens':4,'output_tokens':1}}}",
       "{'type':'ping'}",
       "{'type':'content_block_start','index':0,'content_block':{'type':'thinking','thinking':''}}",
       "{'type':'content_block_delta','index':0,'delta':{'type':'thinking_delta','thinking':'hm'}}",
       "{'type':'content_block_delta','index':0,'delta':{'type':'signature_delta','signature':'Eq'}"
       "}",
       "{'type':'content_block_delta','index':0,'delta':{'type':'signature_delta','signature':'Q='}"
       "}",
       "{'type':'content_block_stop','index':0}",
       "{'type':'content_block_start','index':1,'content_block':{'type':'text','text':''}}",
       "{'type':'content_block_delta','index':1,'delta':{'type':'text_delta','text':'so'}}",
       "{'type':'content_block_stop','index':1}",
       "{'type':'content_block_start','index':2,'content_block':{'type':'tool_use','id':'u1',"
       "'name':'get','input':{}}}",
       "{'type':'content_block_delta','index':2,'delta':{'type':'input_json_delta','partial_json':'"
       "{\\\"id\\\"'}}",
       "{'type':'content_block_delta','index':2,'delta':{'type':'input_json_delta','partial_json':'"
       ":17}'}}",
       "{'type':'content_block_stop','index':2}",
       "{'type':'message_delta','delta':{'stop_reason':'tool_use'},'usage':{'output_tokens':30}}",
       "{'type':'message_stop'}"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->text, "so");
  EXPECT_EQ(answer->reasoning, "hm");
  EXPECT_EQ(answer->calls.at(0).arguments, R"({"id":17})");
  EXPECT_EQ(answer->usage.input, 9);
  EXPECT_EQ(answer->usage.output, 30);
  EXPECT_TRUE(answer->verbatim.contains(R"("signature":"EqQ=")")) << answer->verbatim;
  EXPECT_EQ(seen.text, "|so.");
}

TEST_F(StreamedReplyTest, AnErrorMayComeInTheMiddleOfAnthropicsStream) {
  EXPECT_EQ(
      cause(anthropic({"{'type':'message_start','message':{'content':[],'stop_reason':'end_turn'}}",
                       "{'type':'error','error':{'type':'overloaded_error','message':'m'}}"})),
      "overloaded");
  EXPECT_EQ(cause(anthropic({"{'type':'message_start','message':{'content':[]}}"})), "bad_answer");
}

TEST_F(StreamedReplyTest, BrokenInputIsShownAndNotSentBack) {
  const auto answer = anthropic(
      {"{'type':'message_start','message':{'content':[]}}",
       "{'type':'content_block_start','content_block':{'type':'tool_use','id':'u','name':'get'}}",
       "{'type':'content_block_delta','delta':{'type':'input_json_delta','partial_json':'{oops'}}",
       "{'type':'message_delta','delta':{'stop_reason':'tool_use'}}", "{'type':'message_stop'}"});
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->calls.at(0).arguments, "{oops");
}

}  // namespace
}  // namespace bellpull
