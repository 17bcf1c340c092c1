#include "api/list_reply.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "api/call.h"
#include "api/media.h"
#include "base/result.h"
#include "base/task.h"
#include "http/request.h"
#include "http/response.h"
#include "identity/caller.h"
#include "identity/permit.h"
#include "store/list.h"

namespace bellpull {
namespace {

// A client that goes after a number of pieces.
class Client final : public BodySink {
 public:
  explicit Client(std::size_t patience) : patience_(patience) {}

  Task<bool> start_stream() override { co_return true; }
  Task<bool> write_stream(std::string_view bytes) override {
    pieces.emplace_back(bytes);
    co_return pieces.size() < patience_;
  }
  bool replace_stream(Response /*response*/) override { return false; }
  bool is_gone() override { return false; }

  std::vector<std::string> pieces;

 private:
  const std::size_t patience_;
};

class ListReplyTest : public ApiTest {
 protected:
  // A page of a search that finds nothing.
  Task<Result<ListPage>> search(Page page) {
    ++searched;
    co_return ListPage{.last = page.after + 1, .is_partial = true};
  }
  Task<Result<ListPage>> large_page(Page page) {
    ListPage found;
    if (page.after == 0) found.last = 1;
    for (int i = 0; page.after == 0 && i < 3; ++i) {
      found.items.push_back({{"text", std::string(max_page_bytes, '\n')}});
    }
    co_return found;
  }

  void run(ListForm form, ReadPage read, Client& client) {
    await(send(form, std::move(read), &client));
  }

  int searched = 0;

 private:
  Task<void> send(ListForm form, ReadPage read, Client* client) {
    const ParsedHead head;
    const Result<Caller> caller = co_await authenticator.authenticate(token);
    Call call{.request = RequestHead{head}, .permit = Permit{authenticator, caller.value(), 0}};
    Response response =
        co_await list_reply(std::move(call), {.kind = "event", .form = form}, std::move(read));
    BodyWriter writer{*client};
    co_await response.stream(writer);
  }
};

TEST_F(ListReplyTest, ASearchThatFindsNothingSaysSoAndEndsWithItsClient) {
  Client client{3};
  run(ListForm::json_lines, [this](const Page& page) { return search(page); }, client);
  EXPECT_EQ(searched, 3);
  EXPECT_EQ(client.pieces, std::vector<std::string>(3, "{\"type\":\"nop\",\"data\":{}}\n"));
}

TEST_F(ListReplyTest, ALargePageGoesOutInPieces) {
  Client client{100};
  run(ListForm::json_lines, [this](const Page& page) { return large_page(page); }, client);
  EXPECT_EQ(client.pieces.size(), 3) << "escaped, each is larger than a piece";
}

}  // namespace
}  // namespace bellpull
