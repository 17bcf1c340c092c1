#include "domain/ids.h"

#include <string>

#include <gtest/gtest.h>

#include "base/random.h"

namespace bellpull {
namespace {

TEST(IdsTest, ResourceIdsRoundTripAndFitTheContract) {
  SeededRandom random{1};
  const TriggerId id{{42}, new_tag(random)};
  const std::string text = id.text();
  EXPECT_EQ(text.size(), std::string{"trigger_"}.size() + 26);
  EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos);
  EXPECT_EQ(TriggerId::parse(text), id);
}

TEST(IdsTest, AnIdOfAnotherKindIsNotAnId) {
  SeededRandom random{1};
  EXPECT_FALSE(TriggerId::parse(BotId{{42}, new_tag(random)}.text()));
  EXPECT_FALSE(TriggerId::parse("trigger_"));
  EXPECT_FALSE(TriggerId::parse("trigger_abc"));
}

TEST(IdsTest, SequenceIdsHaveOneSpelling) {
  EXPECT_EQ(EventId{33}.text(), "event_11");
  EXPECT_EQ(EventId::parse("event_11"), EventId{33});
  EXPECT_FALSE(EventId::parse("event_011"));
  EXPECT_FALSE(EventId::parse("event_0"));
}

TEST(IdsTest, MessagesAndStepsNameTheirOwner) {
  const MessageId message{{1'000'000}, 1'234'567};
  EXPECT_EQ(MessageId::parse(message.text()), message);
  const StepId step{{77}, 100};
  EXPECT_EQ(StepId::parse(step.text()), step);
  EXPECT_FALSE(StepId::parse("step_0001"));
}

}  // namespace
}  // namespace bellpull
