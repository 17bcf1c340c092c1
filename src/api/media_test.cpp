#include "api/media.h"

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(MediaTest, JsonIsTheAnswerToWhoeverDoesNotSay) {
  for (const char* accept : {"", "*/*", "application/*", "application/json",
                             "text/html,application/xhtml+xml,*/*;q=0.8"}) {
    EXPECT_EQ(choose_list_form(accept), ListForm::json) << accept;
  }
}

TEST(MediaTest, EachFormIsChosenByItsName) {
  EXPECT_EQ(choose_list_form("application/jsonl"), ListForm::json_lines);
  EXPECT_EQ(choose_list_form("Application/JSONL; charset=utf-8"), ListForm::json_lines);
  EXPECT_EQ(choose_list_form("text/event-stream"), ListForm::server_sent_events);
  EXPECT_EQ(choose_list_form("text/csv"), ListForm::csv);
}

TEST(MediaTest, TheBestOfTheListWins) {
  EXPECT_EQ(choose_list_form("application/json;q=0.5, text/csv"), ListForm::csv);
  EXPECT_EQ(choose_list_form("text/html, application/jsonl, */*;q=0.1"), ListForm::json_lines);
  EXPECT_EQ(choose_list_form("text/csv, application/jsonl"), ListForm::csv)
      << "the first of equals";
}

TEST(MediaTest, WhatWeDoNotHaveIsRefused) {
  EXPECT_EQ(choose_list_form("text/html").error().message, "Unsupported accept header");
  EXPECT_FALSE(choose_list_form("application/json;q=0"));
}

TEST(MediaTest, ComparesTheTypeWithoutItsParameters) {
  EXPECT_TRUE(is_media_type("application/json; charset=utf-8", "application/json"));
  EXPECT_TRUE(is_media_type("Application/JSON", "application/json"));
  EXPECT_FALSE(is_media_type("application/jsonl", "application/json"));
  EXPECT_FALSE(is_media_type("", "application/json"));
}

TEST(MediaTest, AMediaTypeIsNamedByItselfOnly) {
  EXPECT_TRUE(names_media("text/html, Application/JSON;q=0.5", "application/json"));
  EXPECT_FALSE(names_media("*/*", "application/json"));
  EXPECT_FALSE(names_media("text/markdown-x", "text/markdown"));
  EXPECT_FALSE(names_media("", "text/markdown"));
}

}  // namespace
}  // namespace bellpull
