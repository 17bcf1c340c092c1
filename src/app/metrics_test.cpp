#include "app/metrics.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "http/method.h"
#include "http/request.h"
#include "http/response.h"
#include "http/router.h"
#include "http/service.h"
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

  void answer_event(int status, Method method = Method::post, std::size_t bytes_out = 100) {
    metrics.count({.status = status,
                   .method = method,
                   .pattern = "/v1/integration/trigger/{id}/event",
                   .bytes_out = bytes_out});
  }
  bool shows(const std::string& sample) {
    return ask(Method::get, "/metrics").body.find("\n" + sample + "\n") != std::string::npos;
  }

  Metrics metrics;
  Router router;
};

TEST_F(MetricsTest, OnlyAnAcknowledgedEventIsAccepted) {
  answer_event(200);
  answer_event(200, Method::get);
  answer_event(200, Method::head);
  answer_event(200, Method::options);
  answer_event(200, Method::post, 0);  // the client was gone
  EXPECT_TRUE(shows("bellpull_events_accepted_total 2"));
}

TEST_F(MetricsTest, EveryRefusalHasItsCause) {
  const std::vector<std::pair<int, std::string>> causes{{400, "bad_request"},
                                                        {401, "not_authenticated"},
                                                        {403, "disabled"},
                                                        {404, "not_found"},
                                                        {405, "method"},
                                                        {408, "timeout"},
                                                        {413, "too_large"},
                                                        {422, "key_reused"},
                                                        {429, "too_many_requests"},
                                                        {500, "other"},
                                                        {503, "store_unavailable"}};
  for (const auto& [status, cause] : causes) {
    answer_event(status);
    EXPECT_TRUE(shows("bellpull_events_rejected_total{cause=\"" + cause + "\"} 1")) << status;
  }
}

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
