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
  EXPECT_NE(reply.text("hint").find("did you mean \"desc\"?; did you mean \"dead\"?"),
            std::string::npos);
}

TEST_F(ProblemsTest, OfReferencesNameTheirFields) {
  const Reply reply = post("/bot/create", {{"skillsetId", "nope"}, {"datasetId", "@neither"}});
  EXPECT_EQ(reply.status, 404);
  EXPECT_EQ(reply.message(), "Dataset not found; Skillset not found");
  EXPECT_EQ(reply.text("hint"), "datasetId is \"@neither\"; skillsetId is \"nope\"");
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
