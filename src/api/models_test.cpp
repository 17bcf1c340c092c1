#include <string>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <gtest/gtest.h>

#include "api/api.h"
#include "api/api_fixture_test.h"

namespace bellpull {
namespace {

class ModelsTest : public ApiTest {
 protected:
  ModelsTest()
      : ApiTest(
            ApiSettings{.models = {{.name = "builtin/demo", .provider = "builtin"},
                                   {.name = "gpt-4o", .provider = "openai", .is_default = true}}}) {
  }
};

TEST_F(ModelsTest, AreListedOnOnePage) {
  const Reply page = get("/platform/model/list?take=1");
  const json::array models = page.items();
  ASSERT_EQ(models.size(), 2U);
  EXPECT_EQ(models[1], (json::object{{"id", "gpt-4o"},
                                     {"name", "gpt-4o"},
                                     {"description", ""},
                                     {"type", "language"},
                                     {"provider", "openai"},
                                     {"family", "gpt"},
                                     {"default", true},
                                     {"maxTokens", nullptr},
                                     {"maxInputTokens", nullptr},
                                     {"maxOutputTokens", nullptr},
                                     {"meta", json::object{}},
                                     {"createdAt", "2026-01-01T00:00:00.000Z"},
                                     {"updatedAt", "2026-01-01T00:00:00.000Z"}}));
  EXPECT_EQ(get("/platform/model/list?cursor=" + page.text("cursor")).body, R"({"items":[]})");
}

TEST_F(ModelsTest, AreFilteredByType) {
  EXPECT_EQ(get("/platform/model/list?type=language").items().size(), 2U);
  EXPECT_TRUE(get("/platform/model/list?type=image").items().empty());
  EXPECT_EQ(get("/platform/model/list?type=langage").text("hint"), "did you mean \"language\"?");
}

TEST_F(ModelsTest, AreStreamedAsLines) {
  const Reply lines = get("/platform/model/list", "accept: application/jsonl\r\n");
  EXPECT_TRUE(lines.body.starts_with(R"({"type":"item","data":{"id":"builtin/demo")"));
}

}  // namespace
}  // namespace bellpull
