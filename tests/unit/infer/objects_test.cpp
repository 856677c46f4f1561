#include "curlew/infer/objects.hpp"

#include <gtest/gtest.h>

#include <random>

namespace curlew {
namespace {

// 800 x 600 letterboxed into 400 x 400: the lowest quarter of the input is filled.
constexpr Placement kLetterbox{.original_width_px = 800, .original_height_px = 600, .scale_x = 0.5, .scale_y = 0.5};

TEST(NameObjects, GivesLabelsAndBoxesOfTheOriginalByFallingScore) {
  const auto objects =
      name_objects({{.box = {.x1 = 0, .y1 = 0, .x2 = 50, .y2 = 50}, .class_id = 2, .score = 0.6F},
                    {.box = {.x1 = 100, .y1 = 100, .x2 = 200, .y2 = 250}, .class_id = 1, .score = 0.9F}},
                   {}, kLetterbox, {"none", "bird"});
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].index, 1);
  EXPECT_EQ(objects[0].label, "bird");
  EXPECT_EQ(objects[0].score, 0.9F);
  ASSERT_TRUE(objects[0].box);
  EXPECT_EQ(objects[0].box->x1, 200);
  EXPECT_EQ(objects[0].box->y1, 200);
  EXPECT_EQ(objects[0].box->x2, 400);
  EXPECT_EQ(objects[0].box->y2, 500);
  EXPECT_EQ(objects[1].label, "class 2");
}

TEST(NameObjects, LeavesOutWhatLiesBesideTheOriginal) {
  EXPECT_TRUE(name_objects({{.box = {.x1 = 0, .y1 = 300, .x2 = 50, .y2 = 400}, .class_id = 1, .score = 0.9F},
                            {.box = {.x1 = -50, .y1 = 0, .x2 = 0, .y2 = 50}, .class_id = 1, .score = 0.8F}},
                           {}, kLetterbox, {})
                  .empty());
}

TEST(NameObjects, NamesOneThingOnce) {
  const auto objects = name_objects({{.box = {.x1 = 0, .y1 = 0, .x2 = 50, .y2 = 50}, .class_id = 17, .score = 0.6F},
                                     {.box = {.x1 = 1, .y1 = 0, .x2 = 50, .y2 = 50}, .class_id = 18, .score = 0.9F}},
                                    {.iou = 0.5F, .scope = NmsScope::kAcrossClasses}, kLetterbox, {});
  ASSERT_EQ(objects.size(), 1U);
  EXPECT_EQ(objects[0].index, 18);
}

TEST(NameObjects, KeepsItsPromisesForAnyCandidates) {
  std::mt19937 random(8);  // NOLINT(cert-msc51-cpp): the same numbers each time
  std::uniform_real_distribution<float> place(-300, 600);
  std::uniform_real_distribution<float> side(0.01F, 400);
  std::uniform_real_distribution<float> score(0, 1);
  for (int round = 0; round < 100; ++round) {
    std::vector<Candidate> candidates;
    for (std::size_t i = random() % 200; i > 0; --i) {
      const float x = place(random);
      const float y = place(random);
      candidates.push_back({.box = {.x1 = x, .y1 = y, .x2 = x + side(random), .y2 = y + side(random)},
                            .class_id = static_cast<int>(random() % 5),
                            .score = score(random)});
    }
    float before = 1;
    for (const Prediction& object : name_objects(candidates, {}, kLetterbox, {})) {
      ASSERT_LE(object.score, before);
      before = object.score;
      ASSERT_TRUE(object.box);
      ASSERT_TRUE(object.box->x1 >= 0 && object.box->x1 < object.box->x2 && object.box->x2 <= 800);
      ASSERT_TRUE(object.box->y1 >= 0 && object.box->y1 < object.box->y2 && object.box->y2 <= 600);
    }
  }
}

}  // namespace
}  // namespace curlew
