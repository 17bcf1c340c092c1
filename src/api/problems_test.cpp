// What is wrong with a request is told all at once, with the name of each thing and what to do.
#include <string>

#include <gtest/gtest.h>

#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

class ProblemsTest : public ApiTest {};

TEST_F(ProblemsTest, OfABodyAreToldTogether) {
  const Reply reply = post("/integration/trigger/create",
                           {{"name", 7}, {"sessionDuration", -1}, {"authenticate", "yes"}});
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(),
            "name must be a string; botId is required; authenticate must be true or false; "
            "sessionDuration must be an integer from 0 to 2628000000");
}

TEST_F(ProblemsTest, OfAListsQueryAreToldTogether) {
  const Reply reply =
      get("/event/inbox/list?order=dessc&cursor=nope&state=deed&meta.a=1", "accept: image/png\r\n");
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(reply.message(),
            "Unsupported accept header; order must be \"asc\" or \"desc\"; cursor is not one of "
            "this list; state must be \"queued\", \"running\", \"waiting\", \"retrying\", "
            "\"succeeded\", \"failed\", \"incomplete\", \"canceled\" or \"dead\"; this list cannot "
            "be filtered by meta");
  EXPECT_NE(reply.text("hint").find("did you mean \"desc\"?"), std::string::npos);
  EXPECT_NE(reply.text("hint").find("did you mean \"dead\"?"), std::string::npos);
}

TEST_F(ProblemsTest, OfReferencesNameTheirFields) {
  const Reply reply = post("/bot/create", {{"skillsetId", "nope"}, {"datasetId", "@neither"}});
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.message(), "Dataset not found; Skillset not found");
  EXPECT_EQ(reply.text("hint"), "datasetId is \"@neither\"; skillsetId is \"nope\"");
}

TEST_F(ProblemsTest, OfValuesAndReferencesAreToldTogether) {
  const Reply created =
      post("/integration/trigger/create", {{"name", 5}, {"botId", "bot_missing"}});
  EXPECT_EQ(created.status, 400);
  EXPECT_EQ(created.message(), "name must be a string; Bot not found");
  EXPECT_EQ(created.text("hint"), "botId is \"bot_missing\"");
  const std::string bot = post("/bot/create").id();
  const Reply updated =
      post("/bot/" + bot + "/update", {{"name", 5}, {"skillsetId", "skillset_missing"}});
  EXPECT_EQ(updated.message(), "name must be a string; Skillset not found");
  EXPECT_EQ(post("/bot/bot_missing/update", {{"name", 5}}).message(), "name must be a string");
}

TEST_F(ProblemsTest, OfASearchAreToldWithThoseOfItsList) {
  EXPECT_EQ(get("/event/inbox/list?order=x&from=zzz&minAttempts=q").message(),
            "order must be \"asc\" or \"desc\"; from must be a time: milliseconds since 1970, or "
            "ISO 8601 text; minAttempts must be an integer from 0 to 1000000");
  EXPECT_EQ(get("/platform/model/list?order=x&type=y").message(),
            "order must be \"asc\" or \"desc\"; type must be \"language\", \"image\", "
            "\"video\" or \"rerank\"");
}

TEST_F(ProblemsTest, OfOneFieldAreToldTogether) {
  EXPECT_EQ(post("/bot/create", {{"meta", {{"_a", 1}, {"b", 2}, {"_c", 3}}}}).message(),
            "meta must not have keys that start with \"_\": \"_a\", \"_c\"");
  const std::string message = post("/token/create", {{"scopes", {"red", "write", 7}}}).message();
  EXPECT_NE(message.find("scopes[0] must be "), std::string::npos) << message;
  EXPECT_NE(message.find("scopes[2] must be "), std::string::npos) << message;
}

TEST_F(ProblemsTest, OfASecondNameAreItsOwn) {
  const std::string bot = post("/bot/create").id();
  const Reply reply = post("/integration/trigger/create", {{"botId", bot}, {"triggerSchedule", 7}});
  EXPECT_EQ(reply.message(), "triggerSchedule must be a string");
}

TEST_F(ProblemsTest, OfMessagesSayWhichOne) {
  const Reply reply = post("/conversation/create", {{"name", 7},
                                                    {"contactId", {{"email", "nobody"}}},
                                                    {"messages",
                                                     {{{"type", "user"}, {"text", "Hi"}},
                                                      {{"type", "boot"}, {"text", "Hello"}},
                                                      {{"type", "user"}}}}});
  EXPECT_EQ(reply.status, 400);
  const std::string message = reply.message();
  EXPECT_EQ(message.find("name must be a string; contactId: email must be an e-mail address; "
                         "messages[1]: type must be \"user\""),
            0U)
      << message;
  EXPECT_NE(message.find("; messages[2]: text is required"), std::string::npos) << message;
  EXPECT_EQ(reply.text("hint"), "did you mean \"bot\"?");
}

}  // namespace
}  // namespace bellpull
