#include "store/memories.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "action/inner_fixture_test.h"
#include "base/result.h"
#include "domain/contact.h"
#include "domain/ids.h"
#include "domain/memory.h"
#include "store/transaction.h"

namespace bellpull {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

class MemoryActionsTest : public InnerTest {
 protected:
  MemoryActionsTest() {
    ann = add_contact("ann");
    context.contact = ann.id;
  }
  Contact add_contact(std::string fingerprint) {
    return add(Contact{.account = context.account, .fingerprint = std::move(fingerprint)},
               &Transaction::contacts);
  }
  std::string remember(std::string_view what, std::string_view scope, std::string key = {}) {
    return text(result("@memory/create[" + std::string{scope} + "]",
                       json::serialize(json::object{{"text", what}}), std::move(key)),
                "id");
  }
  std::string texts(const json::object& found) {
    std::string all;
    for (const auto& one : found.at("items").as_array()) {
      all += text(one.as_object(), "text") + "|";
    }
    return all;
  }
  std::string listed(std::string_view scope) {
    return texts(result("```memory/list/scope=" + std::string{scope} + "\n```"));
  }
  std::string found(std::string_view query, std::string_view scope) {
    return texts(result("@memory/search[" + std::string{scope} + "]",
                        json::serialize(json::object{{"query", query}})));
  }

  Contact ann;
};

TEST_F(MemoryActionsTest, WhatIsRememberedIsFoundInItsScopeAndNoOther) {
  remember("Ann likes tea", "contact");
  remember("Ann likes green tea cups", "contact");
  remember("Deliveries come on Tuesdays", "bot");
  EXPECT_EQ(found("green teas", "contact"), "Ann likes green tea cups|Ann likes tea|");
  EXPECT_EQ(found("tea", "bot"), "");
  EXPECT_EQ(listed("bot"), "Deliveries come on Tuesdays|");
  EXPECT_EQ(texts(result("```memory/list\n```")), "Ann likes green tea cups|Ann likes tea|")
      << "of the contact, where there is one";
  context.contact = add_contact("bob").id;
  EXPECT_EQ(listed("contact"), "");
  context.contact.reset();
  EXPECT_EQ(texts(result("```memory/list\n```")), "Deliveries come on Tuesdays|");
  EXPECT_EQ(error("```memory/create/scope=contact\nx\n```"),
            "scope must be bot: this run has no contact");
  EXPECT_EQ(error("```memory/create/scope=all\n```"),
            "text is required; scope must be contact or bot");
}

TEST_F(MemoryActionsTest, OneCallRemembersOnceAndForgetsOnce) {
  const std::string id = remember("once", "contact", "key");
  EXPECT_EQ(remember("once", "contact", "key"), id);
  EXPECT_EQ(listed("contact"), "once|");
  const std::string forget = "```memory/delete\n" + id + "\n```";
  EXPECT_EQ(text(result(forget, "{}", "other"), "id"), id);
  EXPECT_EQ(text(result(forget, "{}", "other"), "id"), id);
  EXPECT_EQ(listed("contact"), "");
  EXPECT_THAT(error(forget), HasSubstr("of this contact: give the id of one"));
}

TEST_F(MemoryActionsTest, AnothersMemoryIsNotForgotten) {
  const std::string id = remember("Ann's", "contact");
  context.contact = add_contact("bob").id;
  EXPECT_THAT(error("```memory/delete\n" + id + "\n```"), HasSubstr("There is no memory"));
  context.contact = ann.id;
  EXPECT_EQ(listed("contact"), "Ann's|");
}

TEST_F(MemoryActionsTest, TheOldestGoesWhenAScopeIsFull) {
  stage
      .change([&](Transaction& rows) -> Result<void> {
        for (std::int64_t i = 1; i <= MemoryStore::max_kept; ++i) {
          Memory memory{.scope = {context.account, MemoryOf::contact, ann.id.key.value},
                        .text = "number " + std::to_string(i)};
          rows.memories().add(memory);
        }
        return {};
      })
      .value();
  remember("one more", "contact");
  EXPECT_EQ(found("1000", "contact"), "number 1000|");
  EXPECT_EQ(found("2", "contact"), "number 2|");
  EXPECT_EQ(found("1", "contact"), "") << "the first is gone";
  EXPECT_THAT(error("```memory/create\n" + std::string(8'193, 'x') + "\n```"),
              HasSubstr("text must be at most 8192 bytes"));
}

TEST_F(MemoryActionsTest, AStrangersAbilityRemembersForItsBotOnly) {
  remember("Ann's", "contact");
  links.owner = other_account();
  remember("the bot's", "bot");
  EXPECT_EQ(texts(result("```memory/list\n```")), "the bot's|") << "by default as well";
  EXPECT_THAT(error("```memory/list/scope=contact\n```"), HasSubstr("has no memories of contacts"));
}

TEST_F(MemoryActionsTest, AContactThatAnybodyClaimedToBeHasNoMemories) {
  const std::string id = remember("Ann's", "contact");
  context.from_anybody = true;
  for (const std::string& tried :
       {std::string{"```memory/list/scope=contact\n```"},
        std::string{"```memory/search/scope=contact\nAnn\n```"},
        std::string{"```memory/create/scope=contact\nAnn is a thief\n```"},
        "```memory/delete/scope=contact\n" + id + "\n```", std::string{"```memory/list\n```"},
        std::string{"```memory/create\nby default\n```"}}) {
    EXPECT_THAT(error(tried), HasSubstr("scope must be bot: this run's contact is only claimed"))
        << tried;
  }
  remember("the bot's", "bot");
  EXPECT_EQ(listed("bot"), "the bot's|");
  context.from_anybody = false;
  EXPECT_EQ(listed("contact"), "Ann's|");
}

TEST_F(MemoryActionsTest, AContactThatIsGoneIsNotRemembered) {
  stage
      .change([&](Transaction& rows) -> Result<void> {
        rows.contacts().remove(ann.id.key);
        return {};
      })
      .value();
  EXPECT_THAT(error("```memory/create\nx\n```"), HasSubstr("was deleted"));
}

}  // namespace
}  // namespace bellpull
