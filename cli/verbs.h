// The verbs of the program. Each has a file of its own: it declares its words, calls the engine or the core, and
// prints.
#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <vector>

namespace figment::cli {

struct Verb {
  CLI::App* app;              ///< what was typed after the verb
  std::function<void()> run;  ///< throws figment::Error when the user must mend something
};

Verb train(CLI::App& program);
Verb resume(CLI::App& program);
Verb sample(CLI::App& program);
Verb complete(CLI::App& program);
Verb reconstruct(CLI::App& program);
Verb interpolate(CLI::App& program);
Verb traverse(CLI::App& program);
Verb encode(CLI::App& program);
Verb evaluate(CLI::App& program);
Verb compare(CLI::App& program);
Verb describe(CLI::App& program);
Verb models(CLI::App& program);
Verb runs(CLI::App& program);
Verb data(CLI::App& program);
Verb doctor(CLI::App& program);
Verb completion(CLI::App& program);

}  // namespace figment::cli
