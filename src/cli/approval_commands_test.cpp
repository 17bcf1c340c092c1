#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/cli_fixture_test.h"

namespace bellpull::cli {
namespace {

using testing::HasSubstr;

constexpr auto decide = "POST /api/v1/approval/approval_1/decide";

class ApprovalCommands : public CliTest {
 protected:
  ApprovalCommands() {
    answers("GET /api/v1/approval/list",
            R"({"items":[{"id":"approval_1","state":"pending","question":"Refund?",
                          "expiresAt":"2026-03-29T00:00:00.000Z","runId":"run_1"}]})");
    answers("GET /api/v1/approval/approval_1/fetch",
            R"({"id":"approval_1","state":"pending","question":"Refund?"})");
    answers(decide, R"({"id":"approval_1","state":"approved"})");
  }
  boost::json::object sent() {
    return boost::json::parse(requests_of(decide).at(0).body).as_object();
  }
};

TEST_F(ApprovalCommands, AreListedByState) {
  const Ran ran = run({"approval", "list", "--state", "pending"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_THAT(ran.out, HasSubstr("approval_1\tpending\tRefund?"));
}

TEST_F(ApprovalCommands, ApproveSaysYes) {
  const Ran ran = run({"approval", "approve", "approval_1"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(sent(), (boost::json::object{{"approve", true}}));
}

TEST_F(ApprovalCommands, RefuseSaysNoAndWhy) {
  const Ran ran = run({"approval", "refuse", "approval_1", "--note", "too much"});
  EXPECT_EQ(ran.exit_code, 0) << ran.err;
  EXPECT_EQ(sent(), (boost::json::object{{"approve", false}, {"note", "too much"}}));
}

}  // namespace
}  // namespace bellpull::cli
