#include "http/router.h"

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "http/method.h"
#include "http/request.h"

namespace bellpull {
namespace {

using Outcome = Router::Outcome;

class RouterTest : public testing::Test {
 protected:
  void add(std::vector<Method> methods, std::string pattern) {
    router.add({.methods = std::move(methods),
                .pattern = std::move(pattern),
                .body_limit = 0,
                .handle = nullptr});
  }
  // The pattern that was found, or the outcome.
  std::string find(Method method, std::string_view path) {
    switch (router.find(method, path, head.match)) {
      case Outcome::found:
        return head.match.route->pattern;
      case Outcome::not_found:
        return "not found";
      case Outcome::method_not_allowed:
        return "not allowed";
      case Outcome::bad_path:
        return "bad path";
    }
    return "";
  }
  std::string_view parameter(std::string_view name) { return RequestHead{head}.parameter(name); }

  Router router;
  ParsedHead head;
};

TEST_F(RouterTest, ParametersAreNamedAndDecodedOnce) {
  add({Method::get}, "/bot/{botId}/fetch");
  EXPECT_EQ(find(Method::get, "/bot/bot_1/fetch"), "/bot/{botId}/fetch");
  EXPECT_EQ(parameter("botId"), "bot_1");
  EXPECT_EQ(find(Method::get, "/bot/%28a%2Fb%2541+%29/fetch"), "/bot/{botId}/fetch");
  EXPECT_EQ(parameter("botId"), "(a/b%41+)");
  EXPECT_EQ(parameter("other"), "");
  EXPECT_EQ(RequestHead{head}.parameter(0), "(a/b%41+)");
  EXPECT_EQ(RequestHead{head}.parameter(1), "");
}

TEST_F(RouterTest, LiteralBeatsParameterAndGivesWayWhenItLeadsNowhere) {
  add({Method::get}, "/bot/{botId}");
  add({Method::get}, "/bot/list");
  add({Method::get}, "/bot/{botId}/fetch");
  EXPECT_EQ(find(Method::get, "/bot/list"), "/bot/list");
  EXPECT_EQ(find(Method::get, "/bot/list/fetch"), "/bot/{botId}/fetch");
  EXPECT_EQ(parameter("botId"), "list");
  EXPECT_EQ(find(Method::get, "/bot/%6cist"), "/bot/list") << "a literal is compared decoded";
}

TEST_F(RouterTest, SegmentsAreCaseSensitiveAndOneTrailingSlashIsAbsent) {
  add({Method::get}, "/bot/list");
  add({Method::get}, "/");
  EXPECT_EQ(find(Method::get, "/bot/list/"), "/bot/list");
  EXPECT_EQ(find(Method::get, "/"), "/");
  for (const char* path : {"/Bot/list", "/bot/list//", "/bot//list", "/bot", "/bot/list/x", "//"}) {
    EXPECT_EQ(find(Method::get, path), "not found") << path;
  }
}

TEST_F(RouterTest, EmptySegmentIsNoParameter) {
  add({Method::get}, "/bot/{botId}/fetch");
  EXPECT_EQ(find(Method::get, "/bot//fetch"), "not found");
}

TEST_F(RouterTest, WrongMethodNamesTheRightOnes) {
  add({Method::get}, "/bot");
  add({Method::post, Method::put}, "/bot");
  EXPECT_EQ(find(Method::delete_, "/bot"), "not allowed");
  EXPECT_EQ(head.match.allow, "GET, HEAD, POST, PUT, OPTIONS");
  EXPECT_EQ(find(Method::other, "/bot"), "not allowed");
  EXPECT_EQ(find(Method::head, "/bot"), "/bot");
}

TEST_F(RouterTest, RestTakesWhatIsLeft) {
  add({Method::get}, "/app/{file*}");
  add({Method::get}, "/app/login");
  EXPECT_EQ(find(Method::get, "/app/a/b%20c.js"), "/app/{file*}");
  EXPECT_EQ(parameter("file"), "a/b c.js");
  EXPECT_EQ(find(Method::get, "/app"), "/app/{file*}");
  EXPECT_EQ(parameter("file"), "");
  EXPECT_EQ(find(Method::get, "/app/"), "/app/{file*}");
  EXPECT_EQ(parameter("file"), "");
  EXPECT_EQ(find(Method::get, "/app/login"), "/app/login");
  EXPECT_EQ(find(Method::get, "/app/login/x/"), "/app/{file*}");
  EXPECT_EQ(parameter("file"), "login/x");
}

TEST_F(RouterTest, BadEscapesAreNotJustUnknown) {
  add({Method::get}, "/bot/{botId}");
  for (const char* path : {"/bot/%", "/bot/%4", "/x/%zz", "/bot/%ff", "*", "bot"}) {
    EXPECT_EQ(find(Method::get, path), "bad path") << path;
  }
}

TEST_F(RouterTest, ManySegmentsAreNotFound) {
  add({Method::get}, "/{file*}");
  std::string path;
  for (int i = 0; i < 100; ++i) path += "/x";
  EXPECT_EQ(find(Method::get, path), "not found");
}

TEST_F(RouterTest, MistakesInPatternsAreFoundWhenAdded) {
  add({Method::get}, "/bot/{botId}");
  EXPECT_THROW(add({Method::get}, "/bot/{botId}"), std::logic_error);
  EXPECT_THROW(add({Method::post}, "/bot/{id}"), std::logic_error);
  EXPECT_THROW(add({Method::get}, "bot"), std::logic_error);
  EXPECT_THROW(add({Method::get}, "/{rest*}/more"), std::logic_error);
}

}  // namespace
}  // namespace bellpull
