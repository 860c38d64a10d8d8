#include "figment/data/folder_layout.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/data/folder_words.h"
#include "figment/data/image_files.h"

namespace figment {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(FolderWords, EveryUsualSpellingOfASplitIsKnown) {
  for (const char* name : {"train", "Train", "TRAINING", "training_set", "train-images", "images_train", "trainset",
                           "Train Data", "train2017", "01_train", "trn"})
    EXPECT_TRUE(split_word(name) && split_word(name)->split == Split::kTrain) << name;
  for (const char* name : {"test", "Test", "testing", "test_set", "TestSet", "test_images", "test2014", "eval", "tst"})
    EXPECT_TRUE(split_word(name) && split_word(name)->split == Split::kTest) << name;
  for (const char* name : {"val", "Valid", "validation", "dev", "val2017", "validation_set", "dev-set", "holdout"})
    EXPECT_TRUE(split_word(name) && split_word(name)->split == Split::kValidation) << name;
  for (const char* name : {"trains", "cat", "images", "contest", "protest", "2", "", "device", "A"})
    EXPECT_FALSE(split_word(name)) << name;
  EXPECT_EQ(split_word("trainA")->side, "A");
  EXPECT_EQ(split_word("test_B")->side, "B");
}

/// The pictures of these paths as class:number of pictures, for training and for testing.
struct Read {
  std::vector<std::string> train = {}, test = {}, classes = {}, notes = {}, skipped = {};
};
Read read(const std::vector<std::string>& paths) {
  FoundImages found;
  for (const std::string& path : paths) found.paths.emplace_back(path);
  const ImageFiles files = arranged("f", std::move(found));
  Read all{.classes = files.classes, .notes = files.notes};
  all.notes.insert(all.notes.end(), files.aside_notes.begin(), files.aside_notes.end());
  for (const ImageFile& file : files.train) all.train.push_back(file.class_name + ":" + file.name);
  for (const ImageFile& file : files.test) all.test.push_back(file.class_name + ":" + file.name);
  for (const SkippedFile& file : files.skipped) all.skipped.push_back(file.name);
  return all;
}

TEST(FolderLayout, TestPicturesOfAnySpellingAreNotTrainedOn) {
  for (const auto& [train, test] :
       {std::pair("Train", "Test"), std::pair("training", "testing"), std::pair("train_images", "test_images"),
        std::pair("images/train", "images/test"), std::pair("a/b/TRAIN", "a/b/TEST")}) {
    const std::string a = std::string(train) + "/1.png", b = std::string(test) + "/2.png";
    const Read all = read({a, b});
    EXPECT_THAT(all.train, ElementsAre(":" + a));
    EXPECT_THAT(all.test, ElementsAre(":" + b));
    EXPECT_THAT(all.classes, IsEmpty());
  }
}

TEST(FolderLayout, ValidationFoldersAreLeftAsideAndSaid) {
  for (const char* name : {"val", "Valid", "validation", "dev"}) {
    const Read all = read({"train/cat/1.png", "train/dog/2.png", "test/cat/3.png", std::string(name) + "/dog/4.png"});
    EXPECT_EQ(all.train.size() + all.test.size(), 3u);
    EXPECT_THAT(all.notes, Contains(HasSubstr("1 image is not used")));
  }
}

TEST(FolderLayout, ATestFolderBesideClassesIsForTesting) {
  const Read all = read({"cat/1.png", "dog/2.png", "test/cat/3.png", "test/dog/4.png"});
  EXPECT_THAT(all.train, ElementsAre("cat:cat/1.png", "dog:dog/2.png"));
  EXPECT_THAT(all.test, ElementsAre("cat:test/cat/3.png", "dog:test/dog/4.png"));
}

TEST(FolderLayout, AClassMayHaveTheNameOfASplit) {
  const Read classes = read({"valid/1.png", "invalid/2.png"});
  EXPECT_THAT(classes.classes, ElementsAre("invalid", "valid"));
  EXPECT_THAT(read({"dev/1.png", "tablet/2.png", "phone/3.png"}).classes, ElementsAre("dev", "phone", "tablet"));
  EXPECT_THAT(read({"cat/1.png", "dog/2.png", "valid/cat/3.png"}).classes, ElementsAre("cat", "dog"));
  EXPECT_THAT(read({"cat/1.png", "dog/2.png", "test/3.png"}).classes, ElementsAre("cat", "dog"))
      << "no class is called so";
}

TEST(FolderLayout, SplitsWithinEachClassAreSplits) {
  const Read all = read({"cat/train/1.png", "cat/test/2.png", "dog/train/3.png", "dog/test/4.png"});
  EXPECT_THAT(all.train, ElementsAre("cat:cat/train/1.png", "dog:dog/train/3.png"));
  EXPECT_THAT(all.test, ElementsAre("cat:cat/test/2.png", "dog:dog/test/4.png"));
}

TEST(FolderLayout, FoldersOfUnpairedSidesAreSplitsAndClasses) {
  const Read all = read({"trainA/1.png", "trainB/2.png", "testA/3.png", "testB/4.png"});
  EXPECT_THAT(all.train, ElementsAre("A:trainA/1.png", "B:trainB/2.png"));
  EXPECT_THAT(all.test, ElementsAre("A:testA/3.png", "B:testB/4.png"));
}

TEST(FolderLayout, AFolderAroundTheClassesIsNoClass) {
  EXPECT_THAT(read({"images/cats/1.png", "images/dogs/2.png"}).classes, ElementsAre("cats", "dogs"));
  EXPECT_THAT(read({"cats/1.png", "cats/2.png"}).classes, ElementsAre("cats"));
}

TEST(FolderLayout, MasksOfDefectsAreLeftOutAndSaid) {
  const Read all = read({"train/good/1.png", "test/good/2.png", "test/hole/3.png", "ground_truth/hole/3_mask.png"});
  EXPECT_THAT(all.train, ElementsAre("good:train/good/1.png"));
  EXPECT_THAT(all.test, ElementsAre("good:test/good/2.png", "hole:test/hole/3.png"));
  EXPECT_THAT(all.notes, Contains("1 image is left out as the mask of others: ground_truth/"));
  EXPECT_THAT(all.notes, Contains("no training image shows class 'hole'"));
}

TEST(FolderLayout, MasksBesidePicturesAreLeftOut) {
  EXPECT_THAT(read({"images/1.png", "masks/1.png"}).train, ElementsAre("images:images/1.png"));
  EXPECT_THAT(read({"k/Part0.jpg", "k/Part0_label.bmp"}).notes, Contains(HasSubstr("1 image is left out as the mask")));
  EXPECT_THAT(read({"mask/1.png", "no_mask/1.png"}).classes, ElementsAre("mask", "no_mask")) << "these are classes";
  EXPECT_THAT(read({"1/1.png", "2/1.png", "mask/1.png"}).classes, ElementsAre("1", "2", "mask")) << "these too";
  EXPECT_EQ(read({"masks/1.png", "masks/2.png"}).classes, std::vector<std::string>{"masks"}) << "nothing else is there";
}

std::vector<std::string> numbered(const std::string& folder, int count) {
  std::vector<std::string> paths;
  for (int i = 0; i < count; ++i) paths.push_back(folder + "/" + std::to_string(i) + ".png");
  return paths;
}

TEST(FolderLayout, OneLoosePictureBesideClassesIsLeftOutAndTheClassesStay) {
  std::vector<std::string> paths = numbered("cat", 10), dogs = numbered("dog", 10);
  paths.insert(paths.end(), dogs.begin(), dogs.end());
  paths.emplace_back("cover.png");
  const Read all = read(paths);
  EXPECT_THAT(all.classes, ElementsAre("cat", "dog"));
  EXPECT_THAT(all.skipped, IsEmpty()) << "it can be read, so `strict` has nothing against it";
  EXPECT_THAT(all.notes, Contains("1 image is left out, since it lies in no folder of a class: cover.png"));
}

TEST(FolderLayout, ATestPartWithoutClassesIsNeitherTrainedOnNorTested) {
  const Read all = read({"train/cat/1.png", "train/dog/2.png", "test/3.png"});
  EXPECT_THAT(all.classes, ElementsAre("cat", "dog"));
  EXPECT_EQ(all.train.size() + all.test.size(), 2u);
  EXPECT_THAT(all.notes, Contains(HasSubstr("in no folder of a class: test/3.png")));
}

TEST(FolderLayout, ClassesThatLookAlikeAreSaid) {
  EXPECT_THAT(read({"Cat/1.png", "cat/2.png"}).notes,
              Contains(HasSubstr("classes 'Cat' and 'cat' differ in capitals")));
  EXPECT_THAT(read({"caf\xc3\xa9/1.png", "cafe\xcc\x81/2.png"}).notes,
              Contains(HasSubstr("the form of their letters")));
  EXPECT_THAT(read({"cat/1.png", "dog/2.png"}).notes, IsEmpty());
}

}  // namespace
}  // namespace figment
