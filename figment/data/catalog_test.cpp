#include "figment/data/catalog.h"

#include <gmock/gmock.h>

#include "figment/base/error.h"
#include "figment/data/test_folder.h"

namespace figment {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Catalog, NamesWhatWasMeant) {
  EXPECT_THAT([] { open_dataset({.source = "fashon-mnist"}, Split::kTrain); },
              ThrowsMessage<DataError>("there is no data set or folder 'fashon-mnist'; did you mean 'fashion-mnist'?"));
  EXPECT_THAT([] { open_dataset({.source = std::string(9000, 'x')}, Split::kTrain); },
              ThrowsMessage<DataError>(HasSubstr("there is no data set or folder")));
}

class Folder : public FolderTest {};

TEST_F(Folder, WithoutPicturesIsRefused) {
  const auto refused = [&](const std::string& source, const char* text) {
    EXPECT_THAT([&] { open_dataset({.source = source}, Split::kTrain); }, ThrowsMessage<DataError>(HasSubstr(text)));
    EXPECT_THAT([&] { report_data({.source = source}); }, ThrowsMessage<DataError>(HasSubstr(text)));
  };
  refused(
      folder.string(),
      "holds neither IDX files (train-images-idx3-ubyte …) nor images (PNG, JPEG, WebP, GIF, BMP and TIFF are read)");
  write("a.txt", "text");
  write("b/c.md", "text");
  refused(folder.string(), "holds neither IDX files");
  refused((folder / "a.txt").string(), "is a file; --data takes a folder");
  std::filesystem::create_directories(folder / "photos");
  refused((folder / "phots").string(), ("did you mean '" + (folder / "photos").string() + "'?").c_str());
}

}  // namespace
}  // namespace figment
