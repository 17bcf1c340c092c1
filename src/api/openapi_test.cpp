#include "api/openapi.h"

#include <deque>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_fixture_test.h"
#include "api/openapi_families.h"
#include "api/routes.h"
#include "api/schema.h"
#include "http/method.h"
#include "http/text.h"

namespace bellpull {
namespace {

using testing::Contains;
using testing::StartsWith;

class OpenapiTest : public ApiTest {
 protected:
  json::object document() { return openapi_document(api.routes().endpoints(), "1.2.3"); }

  static std::string key_of(const Routes::Endpoint& endpoint) {
    std::string key{to_string(endpoint.method)};
    for (char& c : key) c = to_lower_ascii(c);
    return key + " " + document_path(endpoint);
  }

  static void collect_references(const json::value& value, std::set<std::string>& references) {
    if (const auto* array = value.if_array()) {
      for (const json::value& one : *array) collect_references(one, references);
    }
    const auto* object = value.if_object();
    if (object == nullptr) return;
    for (const auto& [key, inner] : *object) {
      if (key == "$ref") references.emplace(inner.get_string());
      collect_references(inner, references);
    }
  }
};

TEST_F(OpenapiTest, EveryEndpointSaysWhatItDoesAndGives) {
  for (const Routes::Endpoint& endpoint : api.routes().endpoints()) {
    if (!endpoint.is_built) continue;
    SCOPED_TRACE(key_of(endpoint));
    EXPECT_FALSE(endpoint.about.summary.empty()) << "describe() it where it is added";
    EXPECT_FALSE(endpoint.about.gives.empty()) << "say what it gives, in describe()";
    EXPECT_TRUE(is_known_family(family_of(endpoint)))
        << "give the family a line in openapi_families.cpp";
  }
}

TEST_F(OpenapiTest, HasTheEndpointsOfTheTableAndNoOthers) {
  std::set<std::string> added;
  for (const Routes::Endpoint& endpoint : api.routes().endpoints()) {
    if (is_in_document(endpoint)) added.insert(key_of(endpoint));
  }
  std::set<std::string> described;
  const json::object made = document();
  for (const auto& [path, methods] : made.at("paths").as_object()) {
    for (const auto& [method, operation] : methods.as_object()) {
      described.insert(std::string{method} + " " + std::string{path});
    }
  }
  EXPECT_EQ(described, added);
  EXPECT_THAT(described, Contains("get /api/v1/bot/{botId}/fetch"));
}

TEST_F(OpenapiTest, RefersOnlyToWhatIsThere) {
  const json::value made = document();
  std::set<std::string> references;
  collect_references(made, references);
  for (const std::string& reference : references) {
    ASSERT_THAT(reference, StartsWith("#/"));
    EXPECT_NO_THROW(static_cast<void>(made.at_pointer(reference.substr(1)))) << reference;
  }
}

TEST_F(OpenapiTest, IsTheSameForTheSameEndpoints) {
  EXPECT_EQ(json::serialize(document()), json::serialize(document()));
}

TEST_F(OpenapiTest, NeedsNoToken) {
  for (const std::string path : {"/openapi.json", "/api/v1/openapi.json", "/v1/openapi.json"}) {
    SCOPED_TRACE(path);
    const Reply reply = client().send("GET", path, "", "");
    ASSERT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-type"), "application/json; charset=utf-8");
    EXPECT_EQ(reply.header("etag"), "") << "clients can't cope with a 304";
    EXPECT_EQ(reply.text("openapi"), "3.1.0");
    EXPECT_EQ(client().send("HEAD", path, "", "").status, 200);
    EXPECT_EQ(client().send("OPTIONS", path, "", "").status, 200);
    EXPECT_EQ(client().send("POST", path, "", "").status, 405);
  }
}

TEST_F(OpenapiTest, MarksWhatIsNotBuilt) {
  const json::object task = document().at("paths").at("/api/v1/task/create").at("post").as_object();
  EXPECT_TRUE(task.at("x-not-built").as_bool());
  EXPECT_TRUE(task.at("responses").as_object().contains("501"));
  EXPECT_FALSE(task.at("responses").as_object().contains("200"));
}

TEST_F(OpenapiTest, RefusesTwoSchemasOfOneName) {
  std::deque<Routes::Endpoint> endpoints;
  for (const std::string path : {"/bot/create", "/bot/list"}) {
    endpoints.push_back({.path = path});
    endpoints.back().describe({.summary = "x", .gives = {"Bot", object_schema({{path, {}}})}});
  }
  EXPECT_THROW(openapi_document(endpoints, "1"), std::logic_error);
}

TEST_F(OpenapiTest, RefusesTwoOperationsOfOneName) {
  std::deque<Routes::Endpoint> endpoints;
  endpoints.push_back({.path = "/bot/fetch"});
  endpoints.push_back({.path = "/bot/{botId}/fetch"});
  EXPECT_THROW(openapi_document(endpoints, "1"), std::logic_error);
}

}  // namespace
}  // namespace bellpull
