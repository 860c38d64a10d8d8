#include "figment/data/options.h"
#include "figment/data/source.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"
#include "figment/media/sheet.h"

namespace figment::cli {
namespace {

Image sheet_of(const std::vector<Picture>& examples) {
  std::vector<Image> images;
  std::vector<std::string> names;
  for (const Picture& example : examples) {
    images.push_back(example.image);
    names.push_back(example.name);
  }
  if (std::ranges::all_of(names, &std::string::empty)) names.clear();
  return sheet(images, int64_t(std::ceil(std::sqrt(double(images.size())))), names);
}

}  // namespace

Verb data(CLI::App& program) {
  CLI::App* app = program.add_subcommand("data", "show what a data set holds and which of its files cannot be read");
  auto options = std::make_shared<DataOptions>();
  auto file = std::make_shared<std::filesystem::path>();
  auto common = std::make_shared<Common>();
  app->add_option("PATH", options->source, source_help())->required()->type_name("");
  app->add_option("-o,--output", *file, "a grid of examples, a PNG")->type_name("FILE");
  const FieldOptions settings(*app, options.get(), kFields<DataOptions>, {"source", "grid"});
  add_common(*app, *common);
  app->footer(
      "Examples\n"
      "  figment data fashion-mnist -o grid.png\n"
      "  figment data photos/ --size 64 --strict\n"
      "  figment data facades/ --pairs-layout halves\n"
      "  figment data 'shards/{000..099}.tar'\n"
      "Folders of images: sub-folders are classes, but those called train, validation or test, in any usual spelling, "
      "are splits. Without a test split, a tenth of the images is one, by a hash of each file's name. A picture is "
      "turned as its EXIF orientation says. One that does not have the size of the others is resized until it covers "
      "that size, and what hangs over on two sides is cut off evenly. Transparency is laid over white.\n"
      "Tar shards, as WebDataset has them: files of one name up to its first dot are a sample, its picture "
      "(000012.jpg) "
      "and its class (000012.cls, a number; names are the lines of classes.txt beside the shards). A tenth of the "
      "samples is the test split, by a hash of that name. Each shard is read whole once; an index is kept in the "
      "user's folder of caches (XDG_CACHE_HOME), until the shard changes.");
  return {app, [=] {
            if (!file->empty()) expect_output(*file, ".png");
            settings.read_into(options.get());
            find_source(options->source);  // a mistyped one is answered before the engine is loaded
            const DataSummary summary =
                open_engine(common->engine()).inspect_data(*options, progress_bar("reading files"));
            if (!file->empty() && !summary.examples.empty())
              save_png(*file, sheet_of(summary.examples), {{"data", options->source}});
            if (common->json)
              print_json(summary.report);
            else
              print_report(summary.report);
          }};
}

}  // namespace figment::cli
