#include "identity/turns.h"

#include <algorithm>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "base/task.h"

namespace bellpull {
namespace {

class TurnsTest : public testing::Test {
 protected:
  Task<void> visit(int visitor) {
    const Turns::Turn turn = co_await turns.take();
    came.push_back(visitor);
    most_inside = std::max(most_inside, ++inside);
    co_await boost::asio::post(io, boost::asio::use_awaitable);
    --inside;
  }

  boost::asio::io_context io;
  Turns turns{3};
  std::vector<int> came;
  int inside = 0;
  int most_inside = 0;
};

TEST_F(TurnsTest, SoManyAtATimeInTheOrderOfArrival) {
  std::vector<int> visitors;
  for (int visitor = 0; visitor < 50; ++visitor) {
    visitors.push_back(visitor);
    boost::asio::co_spawn(io, visit(visitor), boost::asio::detached);
  }
  io.run();
  EXPECT_EQ(most_inside, 3);
  EXPECT_EQ(came, visitors);
}

}  // namespace
}  // namespace bellpull
