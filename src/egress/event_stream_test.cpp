#include "egress/event_stream.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace bellpull {
namespace {

struct Read {
  std::vector<std::string> events;  // "type|data"
  bool fits = true;
  std::string last_id;
};

Read read(const std::vector<std::string_view>& pieces, EventStreamLimits limits = {}) {
  Read result;
  EventStreamReader reader(
      [&](const StreamEvent& event) { result.events.push_back(event.type + "|" + event.data); },
      limits);
  for (const std::string_view piece : pieces) result.fits = reader.feed(piece);
  result.last_id = reader.last_event_id();
  return result;
}

using Events = std::vector<std::string>;

TEST(EventStreamTest, AnEventHasATypeDataAndAnId) {
  const Read got = read({"event: note\nid: 7\ndata: a\n\ndata: b\n\n"});
  EXPECT_EQ(got.events, (Events{"note|a", "message|b"}));
  EXPECT_EQ(got.last_id, "7") << "an id stays until another one comes";
}

TEST(EventStreamTest, DataLinesAreJoinedAndOneBlankIsTakenAway) {
  EXPECT_EQ(read({"data:a\ndata:  b\ndata\ndata: c: d\n\n"}).events,
            (Events{"message|a\n b\n\nc: d"}));
}

TEST(EventStreamTest, CommentsUnknownFieldsAndEventsWithoutDataAreSkipped) {
  const Read got =
      read({": hello\nid: 1\nretry: 20\ndata:\n\nevent: empty\n\nfoo: bar\ndata: x\n\n"});
  EXPECT_EQ(got.events, (Events{"message|x"}))
      << "the type of an empty event is not the next one's";
  EXPECT_EQ(got.last_id, "1");
}

TEST(EventStreamTest, AnEventThatIsNotCompleteIsNone) {
  const Read got = read({"data: a\n\nid: 9\ndata: b\n"});
  EXPECT_EQ(got.events, (Events{"message|a"}));
  EXPECT_EQ(got.last_id, "") << "its id does not count either";
}

TEST(EventStreamTest, WhateverTheLineEndsAndSplitsAreTheEventsAreTheSame) {
  for (const std::string_view end : {"\n", "\r", "\r\n"}) {
    std::string text = "\xEF\xBB\xBF";
    for (const std::string_view line :
         {": c", "event: one", "id: 3", "data: first", "data: gr\xC3\xBC\xC3\x9F", "", "data", "",
          "data: second", ""}) {
      text.append(line).append(end);
    }
    const Events expected{"one|first\ngr\xC3\xBC\xC3\x9F", "message|second"};
    EXPECT_EQ(read({text}).events, expected);
    for (std::size_t at = 0; at <= text.size(); ++at) {
      const std::string_view whole = text;
      EXPECT_EQ(read({whole.substr(0, at), whole.substr(at)}).events, expected) << at;
    }
    std::vector<std::string_view> bytes;
    for (std::size_t at = 0; at < text.size(); ++at) {
      bytes.push_back(std::string_view(text).substr(at, 1));
    }
    EXPECT_EQ(read(bytes).events, expected);
  }
}

TEST(EventStreamTest, LinesAndEventsAreBounded) {
  const EventStreamLimits limits{.line_bytes = 10, .event_bytes = 12};
  EXPECT_TRUE(read({"data: 1234\n\n"}, limits).fits);
  EXPECT_FALSE(read({"data: 12345"}, limits).fits);
  EXPECT_TRUE(read({"data: 1234\ndata: 1234\n\n"}, limits).fits);
  const Read got = read({"data: 1234\ndata: 1234\ndata: 1234\n\n", "data: a\n\n"}, limits);
  EXPECT_FALSE(got.fits);
  EXPECT_EQ(got.events, Events{}) << "nothing is read after that";
}

TEST(EventStreamTest, AnIdThatNoHeaderCouldCarryDoesNotCount) {
  EXPECT_EQ(read({std::string_view("id: a\0b\ndata: x\n\n", 17)}).last_id, "");
  EXPECT_EQ(read({"id: " + std::string(2000, 'x') + "\ndata: x\n\n"}).last_id, "");
  EXPECT_EQ(read({"id: 4\ndata: x\n\nid\ndata: y\n\n"}).last_id, "") << "an empty id takes it back";
}

TEST(EventStreamTest, RetryIsBoundedAndMustBeANumber) {
  EventStreamReader reader([](const StreamEvent&) {});
  reader.feed("retry: soon\n");
  EXPECT_FALSE(reader.retry());
  reader.feed("retry: 250\n");
  EXPECT_EQ(reader.retry(), std::chrono::milliseconds{250});
  reader.feed("retry: 99999999999\n");
  EXPECT_EQ(reader.retry(), std::chrono::minutes{1});
}

}  // namespace
}  // namespace bellpull
