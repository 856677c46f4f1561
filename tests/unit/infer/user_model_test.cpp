#include "curlew/infer/user_model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/infer/temp_folder.hpp"

namespace curlew {
namespace {

using testing::HasSubstr;

std::string refusal(const std::filesystem::path& path) {
  const auto model = open_user_model(path, Task::kClassify);
  return model ? "opened" : model.error().message;
}

TEST(UserModel, WithoutACardTakesTheFilesName) {
  const test::TempFolder folder;
  test::write_file(folder / "my birds.onnx", "x");
  const auto model = open_user_model(folder / "my birds.onnx", Task::kClassify);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->card.name, "my-birds");
  EXPECT_EQ(model->card.task, Task::kClassify);
  EXPECT_EQ(open_user_model(folder / "my birds.onnx", Task::kDetect)->card.task, Task::kDetect);
  EXPECT_EQ(model->files.network, folder / "my birds.onnx");
  EXPECT_FALSE(model->files.labels);
}

TEST(UserModel, TakesTheCardAndLabelsBesideIt) {
  const test::TempFolder folder;
  test::write_file(folder / "net.tflite", "x");
  test::write_file(folder / "net.toml",
                   "name = \"mine\"\ntask = \"classify\"\n[labels]\nfile = \"l.csv\"\nformat = \"id,name\"\n");
  EXPECT_THAT(refusal(folder / "net.tflite"), HasSubstr("l.csv is not beside net.tflite"));
  test::write_file(folder / "l.csv", "0,a\n");
  const auto model = open_user_model(folder / "net.tflite", Task::kClassify);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->card.name, "mine");
  EXPECT_EQ(model->files.labels, folder / "l.csv");
}

TEST(UserModel, LabelsInTheCardNeedNoFile) {
  const test::TempFolder folder;
  test::write_file(folder / "net.onnx", "x");
  test::write_file(folder / "labels.txt", "other\n");
  test::write_file(folder / "net.toml", "name = \"n\"\ntask = \"detect\"\n[labels]\nnames = [\"a\"]\n");
  const auto model = open_user_model(folder / "net.onnx", Task::kClassify);
  ASSERT_TRUE(model) << model.error().message;
  EXPECT_EQ(model->card.task, Task::kDetect) << "the card's word counts";
  EXPECT_THAT(model->card.labels->names, testing::ElementsAre("a"));
}

TEST(UserModel, PrefersLabelsOfItsOwnName) {
  const test::TempFolder folder;
  test::write_file(folder / "net.xml", "x");
  test::write_file(folder / "labels.txt", "a\n");
  EXPECT_EQ(open_user_model(folder / "net.xml", Task::kClassify)->files.labels, folder / "labels.txt");
  test::write_file(folder / "net.txt", "a\n");
  EXPECT_EQ(open_user_model(folder / "net.xml", Task::kClassify)->files.labels, folder / "net.txt");
}

TEST(UserModel, ASavedModelIsAFolderWithItsCardBeside) {
  const test::TempFolder folder;
  test::write_file(folder / "v1.2/saved_model.pb", "x");
  test::write_file(folder / "v1.2/labels.txt", "a\n");
  test::write_file(folder / "v1.2.toml", "name = \"saved\"\ntask = \"classify\"\n");
  for (const std::string path : {"v1.2", "v1.2/", "./v1.2/."}) {
    const auto model = open_user_model(folder.path() / path, Task::kClassify);
    ASSERT_TRUE(model) << path << ": " << model.error().message;
    EXPECT_EQ(model->card.name, "saved");
    EXPECT_EQ(model->files.labels, folder / "v1.2/labels.txt");
  }
}

TEST(UserModel, SaysWhatIsWrong) {
  const test::TempFolder folder;
  EXPECT_THAT(refusal(folder / "none.onnx"), HasSubstr("there is no model file none.onnx"));
  test::write_file(folder / "a.pth", "x");
  EXPECT_THAT(refusal(folder / "a.pth"), HasSubstr("must be a .tflite, .onnx or .xml"));
  EXPECT_THAT(refusal(folder.path()), HasSubstr("SavedModel"));
  test::write_file(folder / "b.onnx", "x");
  test::write_file(folder / "b.toml", "nam = \"b\"\n");
  EXPECT_THAT(refusal(folder / "b.onnx"), HasSubstr("b.toml: the model card cannot be used"));
  test::write_file(folder / "b.toml", std::string(100'000, '#'));
  EXPECT_THAT(refusal(folder / "b.onnx"), HasSubstr("b.toml cannot be read"));
}

TEST(UserModel, PathsAreToldFromNames) {
  EXPECT_TRUE(is_model_path("net.onnx"));
  EXPECT_TRUE(is_model_path("./saved"));
  EXPECT_TRUE(is_model_path("/x/y"));
  EXPECT_FALSE(is_model_path("birds"));
  EXPECT_FALSE(is_model_path("yolox-nano"));
}

}  // namespace
}  // namespace curlew
