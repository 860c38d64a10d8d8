#include <fmt/format.h>

#include <cstdio>

#include "cli/console.h"
#include "cli/engine.h"
#include "cli/verbs.h"
#include "figment/base/file.h"
#include "figment/media/array.h"

namespace figment::cli {
namespace {

/// A name may hold commas, quotes and ends of lines.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

/// A line for each image: name,label,z0,z1,…, of discrete codes code0,code1,…; names are there where the images are
/// files, labels where the data has some.
std::string csv_of(const OpenedRun::Codes& codes) {
  std::vector<std::string> head;
  if (!codes.names.empty()) head.emplace_back("name");
  if (!codes.labels.empty()) head.emplace_back("label");
  for (int64_t j = 0; j < codes.columns; ++j)
    head.push_back(fmt::format("{}{}", codes.grids.empty() ? "z" : "code", j));
  std::string text = fmt::format("{}\n", fmt::join(head, ","));
  for (int64_t i = 0; i < codes.rows; ++i) {
    if (!codes.names.empty()) text += csv_field(codes.names[size_t(i)]) + ",";
    if (!codes.labels.empty()) {
      const size_t label = size_t(codes.labels[size_t(i)]);
      text += (label < codes.label_names.size() ? csv_field(codes.label_names[label]) : std::to_string(label)) + ",";
    }
    const auto add = [&](const auto& numbers) {
      const auto first = numbers.begin() + i * codes.columns;
      text += fmt::format("{}\n", fmt::join(first, first + codes.columns, ","));
    };
    codes.grids.empty() ? add(codes.values) : add(codes.numbers);
  }
  return text;
}

/// [images, latent dimensions]; of one grid of codes [images, height, width], of several [images, all codes].
std::string npy_of(const OpenedRun::Codes& codes) {
  if (codes.grids.empty()) return write_npy(codes.values, std::vector{codes.rows, codes.columns});
  if (codes.grids.size() > 1) return write_npy(codes.numbers, std::vector{codes.rows, codes.columns});
  return write_npy(codes.numbers, std::vector{codes.rows, codes.grids[0].second, codes.grids[0].first});
}

}  // namespace

Verb encode(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("encode", "write the latent vector or the codes of each image, as NPY and CSV");
  auto argument = std::make_shared<RunArgument>();
  auto common = std::make_shared<Common>();
  auto source = std::make_shared<DataArgument>();
  auto file = std::make_shared<std::filesystem::path>("codes.npy");
  add_trained_run(*app, *argument);
  add_data(*app, *source);
  app->add_option(
         "-o,--output", *file,
         "array [images, latent dimensions], of a vq_vae [images, height, width] of its codes; a CSV file with "
         "names and labels is written beside it")
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
            for (const std::string& note : codes.notes) print_line(stderr, "note: " + note);
            write_file(*file, npy_of(codes));
            write_file(table, csv_of(codes));
            if (common->json)
              print_json({{"run", run->path().string()},
                          {"model", run->model()},
                          {"file", file->string()},
                          {"table", table.string()},
                          {"images", codes.rows},
                          {"notes", codes.notes},
                          {"numbers", codes.columns}});
            else
              for (const auto& written : {*file, table}) print_line(stdout, written.string());
          }};
}

}  // namespace figment::cli
