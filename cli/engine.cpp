#include "cli/engine.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>

#include "figment/base/error.h"
#include "figment/base/machine.h"
#include "figment/records/run_folder.h"

namespace figment::cli {
namespace {

void* load_library() {
  const auto program = std::filesystem::canonical("/proc/self/exe").parent_path();
  std::filesystem::path path = program / "libfigment.so";
  if (!std::filesystem::exists(path)) path = program.parent_path() / FIGMENT_LIBRARY_FOLDER / "libfigment.so";
  if (const char* chosen = std::getenv("FIGMENT_LIBRARY")) path = chosen;
  // RTLD_GLOBAL: exceptions and JSON cross the boundary, their types must be the same on both sides.
  if (void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL)) return library;
  throw FileError(fmt::format(
      "the engine cannot be loaded: {}; build or install figment anew, or name the library in FIGMENT_LIBRARY",
      dlerror()));
}

}  // namespace

Engine& open_engine(const EngineOptions& options) {
  device_word(options.device);  // a mistyped one is answered before the engine is loaded
  prepare_process(options.threads);
  void* library = load_library();
  const auto open = reinterpret_cast<decltype(&figment_engine)>(dlsym(library, "figment_engine"));
  if (!open)
    throw FileError("the engine cannot be loaded: its library is of another version; build or install figment anew");
  return *open(options);
}

std::unique_ptr<OpenedRun> open_run(const Common& common, const RunArgument& argument) {
  const RunFolder run = RunFolder::find(argument.run, argument.out).trained();
  return open_engine(common.engine()).open(run.path(), argument.checkpoint);
}

}  // namespace figment::cli
