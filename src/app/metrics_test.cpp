#include "app/metrics.h"

#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "support/run_task.h"

namespace bellpull {
namespace {

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() { metrics.add_routes(router); }

  Response ask(Method method, const std::string& path) {
    RouteMatch match;
    EXPECT_EQ(router.find(method, path, match), Router::Outcome::found);
    const ParsedHead head;
    Request request{head, {}};
    boost::asio::io_context context;
    return run_task(context, match.route->handle(request));
  }

  Metrics metrics;
  Router router;
};

TEST_F(MetricsTest, HeadIsNotReadyWhereGetIsNot) {
  for (const Method method : {Method::get, Method::head}) {
    RouteMatch match;
    router.find(method, "/readyz", match);
    EXPECT_EQ(match.route->methods.at(1), Method::head) << "so the server calls its handler";
    EXPECT_EQ(ask(method, "/readyz").status, 503);
    EXPECT_EQ(ask(method, "/healthz").status, 200);
  }
}

}  // namespace
}  // namespace bellpull
