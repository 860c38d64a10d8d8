#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"
#include "figment/base/file.h"
#include "figment/media/array.h"

namespace figment::cli {
namespace {

/// A class name may hold commas and quotes.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// name,label,z0,z1,…: one line an image; names are there where the images are files, labels where the data has some.
std::string csv_of(const OpenedRun::Codes& codes) {
  std::vector<std::string> head;
  if (!codes.names.empty()) head.emplace_back("name");
  if (!codes.labels.empty()) head.emplace_back("label");
  for (int64_t j = 0; j < codes.columns; ++j) head.push_back(fmt::format("z{}", j));
  std::string text = fmt::format("{}\n", fmt::join(head, ","));
  for (int64_t i = 0; i < codes.rows; ++i) {
    if (!codes.names.empty()) text += csv_field(codes.names[size_t(i)]) + ",";
    if (!codes.labels.empty()) {
      const size_t label = size_t(codes.labels[size_t(i)]);
      text += (label < codes.label_names.size() ? csv_field(codes.label_names[label]) : std::to_string(label)) + ",";
    }
    const auto first = codes.values.begin() + i * codes.columns;
    text += fmt::format("{}\n", fmt::join(first, first + codes.columns, ","));
  }
  return text;
}

}  // namespace

Verb encode(CLI::App& program) {
  CLI::App* app = program.add_subcommand("encode", "write the latent vector of each image, as NPY and CSV");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto source = std::make_shared<DataArgument>();
  auto file = std::make_shared<std::filesystem::path>("codes.npy");
  add_run(*app, *argument);
  add_data(*app, *source);
  app->add_option("-o,--output", *file,
                  "latent vectors, array [images, latent dimensions]; a CSV file with the labels is written beside it")
      ->type_name("FILE")
      ->capture_default_str();
  add_common(*app, *common);
  app->footer(
      "Examples\n"
      "  figment encode last -o codes.npy\n"
      "  figment encode 3 --data photos/ --split train -o photos.npy");
  return {app, [=] {
            expect_output(*file, ".npy");
            const auto table = std::filesystem::path(*file).replace_extension(".csv");
            const auto data = source->named();
            const Split split = source->split();
            const auto run = open_run(*common, *argument);
            const auto codes = run->encode(data, split, progress_bar("encoding"));
            write_file(*file, write_npy(codes.values, std::vector<int64_t>{codes.rows, codes.columns}));
            write_file(table, csv_of(codes));
            if (common->json)
              print_json({{"run", run->path().string()},
                          {"model", run->model()},
                          {"file", file->string()},
                          {"table", table.string()},
                          {"images", codes.rows},
                          {"numbers", codes.columns}});
            else
              for (const auto& written : {*file, table}) print_line(stdout, written.string());
          }};
}

}  // namespace figment::cli
