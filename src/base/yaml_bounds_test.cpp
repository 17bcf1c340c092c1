#include "base/yaml_bounds.h"

#include <gtest/gtest.h>

namespace bellpull {
namespace {

TEST(YamlBoundsTest, NodesAndDepthAreTakenUpToTheirBounds) {
  YamlBounds bounds{3, 2};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(bounds.node(0), "");
  EXPECT_EQ(bounds.node(0), "there are too many values; 3 are taken, keys among them");
  EXPECT_EQ(bounds.open(), "");
  EXPECT_EQ(bounds.open(), "");
  EXPECT_EQ(bounds.open(), "values are nested deeper than 2");
  bounds.close();
  bounds.close();
  EXPECT_EQ(bounds.open(), "");
}

TEST(YamlBoundsTest, NothingThatIsRepeatedIsTaken) {
  YamlBounds bounds{3, 2};
  EXPECT_TRUE(bounds.node(1).starts_with("anchors (&name) are not taken"));
  EXPECT_TRUE(YamlBounds::alias().starts_with("aliases (*name) are not taken"));
}

}  // namespace
}  // namespace bellpull
