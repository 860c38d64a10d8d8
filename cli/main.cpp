// figment VERB …: parses, runs the verb, turns what is thrown into a sentence and an exit code.
// 0 done · 1 a mistake of figment · 2 something the user can mend · 128 + signal stopped by a signal, state saved
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <new>
#include <string_view>
#include <system_error>

#include "cli/console.h"
#include "cli/recipe.h"
#include "cli/verbs.h"
#include "figment/base/error.h"
#include "figment/base/printable.h"
#include "figment/base/text.h"
#include "figment/base/version.h"

namespace figment::cli {
namespace {

std::vector<Verb> declare(CLI::App& program) {
  program.name("figment");
  program.set_help_flag("-h,--help", "this page");
  program.set_version_flag("--version", fmt::format("figment {}", kVersion), "the version");
  program.require_subcommand(1);
  program.get_formatter()->column_width(32);
  program.footer(
      "Begin with\n"
      "  figment train vae --data fashion-mnist\n"
      "  figment sample last -n 64 -o samples.png\n"
      "`figment VERB --help` shows the words and examples of a verb. RUN is a folder, a number, a name or `last`.");
  std::vector<Verb> verbs;
  for (auto* add : {train, resume, sample, complete, reconstruct, interpolate, traverse, encode, evaluate, compare,
                    describe, models, runs, data, doctor, completion})
    verbs.push_back(add(program));
  return verbs;
}

/// A verb that does not exist, before CLI11 complains of whatever follows it.
void check_verb(const CLI::App& program, int argc, char** argv) {
  if (argc < 2) throw ConfigError("say what to do: figment VERB …; `figment --help` lists the verbs");
  const std::string word = argv[1];
  std::vector<std::string> known;
  for (const CLI::App* verb : program.get_subcommands({})) known.push_back(verb->get_name());
  if (word.starts_with("-") || std::find(known.begin(), known.end(), word) != known.end()) return;
  throw ConfigError(
      fmt::format("there is no verb '{}'{}", word, did_you_mean(word, known, "`figment --help` lists them")));
}

/// A word that a verb does not know: `figment sample: unknown option '--temprature'; did you mean '--temperature'?`
[[noreturn]] void reject_extra(const CLI::App& program) {
  if (const auto before = program.remaining(false); !before.empty())
    throw ConfigError(fmt::format("figment: unknown option '{}'; options of a verb stand after it", before.front()));
  const CLI::App& app = *program.get_subcommands().front();
  std::vector<std::string> known;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  const std::string where = "figment " + app.get_name();
  const std::string word = program.remaining(true).front();
  if (const std::string setting = setting_meant_by(word); app.get_name() == "train" && !setting.empty())
    throw ConfigError(fmt::format("{}: there is no option '{}'; write --set {}", where, word, setting));
  throw ConfigError(fmt::format("{}: {} '{}'{}", where, word.starts_with("-") ? "unknown option" : "unexpected word",
                                word,
                                did_you_mean(word, known, fmt::format("`{} --help` shows what it takes", where))));
}

int run(int argc, char** argv) {
  CLI::App program("Generative models: train, draw, measure.");
  const std::vector<Verb> verbs = declare(program);
  try {
    check_verb(program, argc, argv);
    program.parse(argc, argv);
  } catch (const CLI::ExtrasError&) { reject_extra(program); } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return program.exit(error);  // --help and --version
    const auto chosen = program.get_subcommands();
    const std::string where = chosen.empty() ? "figment" : "figment " + chosen.front()->get_name();
    throw ConfigError(fmt::format("{}: {}; `{} --help` shows examples", where, error.what(), where));
  }
  for (const Verb& verb : verbs)
    if (*verb.app) verb.run();
  return 0;
}

}  // namespace
}  // namespace figment::cli

namespace {

/// A standard stream that is closed: the first file that is opened would take its place, and be written into. Standard
/// input is opened for writing only and the others for reading only, so that each use fails as on a closed stream.
void fill_closed_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(stream, F_GETFD) < 0) open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

/// What was printed is there, or the exit code says that it is not.
int after_output(int code) {
  const bool failed = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fclose(stdout) == 0 && !failed) return code;
  std::fprintf(stderr, "standard output cannot be written%s%s; what was to be printed is lost\n", errno ? ": " : "",
               errno ? std::strerror(errno) : "");
  return code == 0 ? 2 : code;
}

/// The engine has a class of its own for this, which the program does not know without the engine.
bool is_out_of_memory(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         std::string_view(error.what()).find("can't allocate memory") != std::string_view::npos;
}

int exit_code(int argc, char** argv) {
  try {
    return figment::cli::run(argc, argv);
  } catch (const figment::Interrupted& stopped) {
    figment::cli::print_line(stderr, stopped.what());
    return 128 + stopped.signal;
  } catch (const figment::Error& error) {
    figment::cli::print_line(stderr, error.what());
    return 2;
  } catch (const std::system_error& error) {  // the system refused something that has no sentence of its own
    figment::cli::print_line(stderr, fmt::format("the system refused: {}", error.what()));
    return 2;
  } catch (const std::exception& error) {
    if (is_out_of_memory(error)) {
      const std::string_view all = error.what();  // the engine adds where in its code it was
      figment::cli::print_line(
          stderr, fmt::format("there is not enough memory: {}; make the pictures, the network or the batch smaller "
                              "(data.size, the settings of [model], training.batch_size)",
                              all.substr(0, all.find('\n'))));
      return 2;
    }
    std::fprintf(stderr, "%s\nThis is a mistake of figment, not yours: please report it with the command.\n",
                 figment::printable(error.what(), figment::Lines::kMany).c_str());
    return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  fill_closed_streams();
  std::signal(SIGPIPE, SIG_IGN);  // a reader that has gone is an error of writing, and ends no training
  return after_output(exit_code(argc, argv));
}
