#include "api/event_request.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "base/result.h"
#include "domain/delivery_id.h"
#include "http/method.h"
#include "http/request.h"
#include "trigger/trigger_registry.h"

namespace bellpull {
namespace {

class EventRequestTest : public testing::Test {
 protected:
  // The key of a request with these headers, or why it is refused.
  std::string key(std::vector<HeaderField> headers, std::string_view body = "{}") {
    head.method = Method::post;
    head.fields = std::move(headers);
    Result<EventRequest> event = EventRequest::parse(Request{head, body});
    if (!event) return event.error().message;
    event->identify(trigger);
    return std::string{event->to_event(trigger, {}).idempotency_key};
  }

  ParsedHead head;
  KnownTrigger trigger;
};

const std::string not_a_key = "Idempotency-Key must be 1 to 255 visible ASCII characters";

TEST_F(EventRequestTest, AKeyIsVisibleAscii) {
  EXPECT_EQ(key({}), "");
  EXPECT_EQ(key({{"Idempotency-Key", "a"}}), "a");
  EXPECT_EQ(key({{"idempotency-key", "!~\"quoted\""}}), "!~\"quoted\"");
  const std::string longest(255, 'k');
  EXPECT_EQ(key({{"Idempotency-Key", longest}}), longest);
  EXPECT_EQ(key({{"Idempotency-Key", longest + "k"}}), not_a_key);
  EXPECT_EQ(key({{"Idempotency-Key", ""}}), not_a_key);
  EXPECT_EQ(key({{"Idempotency-Key", "a b"}}), not_a_key);
  EXPECT_EQ(key({{"Idempotency-Key", "a\tb"}}), not_a_key);
  EXPECT_EQ(key({{"Idempotency-Key", "é"}}), not_a_key);
  EXPECT_EQ(key({{"Idempotency-Key", "a\x7F"}}), not_a_key);
}

TEST_F(EventRequestTest, AKeyStandsThereOnce) {
  EXPECT_EQ(key({{"Idempotency-Key", "a"}, {"idempotency-key", "a"}}), "a");
  EXPECT_EQ(key({{"Idempotency-Key", "a"}, {"idempotency-key", "b"}}),
            "Idempotency-Key must be sent once");
}

TEST_F(EventRequestTest, AnEmailMayBeAsLongAsAContactsOwn) {
  const auto refusal = [&](const std::string& email) {
    head.method = Method::post;
    const std::string query = "contact.email=" + email;
    head.query = query;
    const Result<EventRequest> event = EventRequest::parse(Request{head, "{}"});
    return event ? std::string{} : event.error().message;
  };
  const std::string longest = std::string(180, 'x') + "@example.no";
  EXPECT_EQ(refusal(longest), "");
  EXPECT_EQ(refusal("x" + longest), "contact.email must be at most 191 bytes");
}

TEST_F(EventRequestTest, AnExplicitKeyWinsOverADeliveryId) {
  trigger.delivery_id =
      *DeliveryId::read(boost::json::parse(R"({"headers":["webhook-id"],"jsonPath":"$.id"})"));
  EXPECT_EQ(key({{"Webhook-Id", "w"}, {"Idempotency-Key", "a"}}, R"({"id":1})"), "a");
  EXPECT_EQ(key({{"Webhook-Id", "w"}}, R"({"id":1})"), "webhook-id w");
  EXPECT_EQ(key({}, R"({"id":1})"), "$.id 1");
  EXPECT_EQ(key({}, "no json"), "");
  EXPECT_EQ(key({{"Webhook-Id", "w"}, {"Idempotency-Key", ""}}), not_a_key);
}

TEST_F(EventRequestTest, ADeliveryIdCountsOnlyWhereTheTriggerNamesIt) {
  EXPECT_EQ(key({{"webhook-id", "w"}, {"x-github-delivery", "g"}}, R"({"id":1})"), "");
}

// A request that was admitted again, because its trigger changed meanwhile.
TEST_F(EventRequestTest, TheKeyIsTheOneOfTheTriggerThatIsInForce) {
  trigger.delivery_id = *DeliveryId::read(boost::json::parse(R"({"jsonPath":"$.id"})"));
  head.method = Method::post;
  Result<EventRequest> event = EventRequest::parse(Request{head, R"({"id":1})"});
  ASSERT_TRUE(event);
  event->identify(trigger);
  EXPECT_EQ(event->to_event(trigger, {}).idempotency_key, "$.id 1");
  event->identify(KnownTrigger{});
  EXPECT_EQ(event->to_event({}, {}).idempotency_key, "");
}

}  // namespace
}  // namespace bellpull
