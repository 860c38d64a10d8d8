#include <fmt/format.h>

#include <array>
#include <cstdio>

#include "cli/console.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "figment/models/cards.h"

// Scripts written from the declarations of the verbs: a new verb or option completes without a line here.
namespace figment::cli {
namespace {

/// What may follow a verb besides its options.
std::vector<std::string> words_after(const CLI::App& verb) {
  std::vector<std::string> words;
  for (const CLI::Option* option : verb.get_options()) {
    if (!option->get_positional()) continue;
    const std::string name = option->get_name();
    if (name.starts_with("MODEL"))
      for (const ModelCard& model : model_cards()) {
        words.emplace_back(model.id);
        for (const NamedRecipe& other : model.others) words.push_back(fmt::format("{}/{}", model.id, other.name));
      }
    if (name == "RUN") words.emplace_back("last");
    if (name == "SHELL") words.insert(words.end(), {"bash", "zsh", "fish"});
  }
  return words;
}

std::vector<std::pair<std::string, std::string>> options_of(const CLI::App& verb) {  // name, help
  std::vector<std::pair<std::string, std::string>> all;
  for (const CLI::Option* option : verb.get_options())
    for (const std::string& name : option->get_lnames()) all.emplace_back("--" + name, option->get_description());
  return all;
}

std::string joined(const std::vector<std::string>& words) { return fmt::format("{}", fmt::join(words, " ")); }

/// Inside single quotes, in all three shells.
std::string in_quotes(std::string text) {
  for (size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4) text.replace(at, 1, "'\\''");
  return text;
}

std::string bash(const CLI::App& program) {
  std::vector<std::string> verbs;
  std::string cases;
  for (const CLI::App* verb : program.get_subcommands({})) {
    verbs.push_back(verb->get_name());
    std::vector<std::string> words = words_after(*verb);
    for (const auto& [name, help] : options_of(*verb)) words.push_back(name);
    cases += fmt::format("    {}) words='{}' ;;\n", verb->get_name(), joined(words));
  }
  return fmt::format(
      "_figment() {{\n"
      "  local words='{} --help --version'\n"
      "  [ \"$COMP_CWORD\" -gt 1 ] && case \"${{COMP_WORDS[1]}}\" in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"${{COMP_WORDS[COMP_CWORD]}}\"))\n"
      "}}\n"
      "complete -o default -F _figment figment\n",
      joined(verbs), cases);
}

std::string zsh(const CLI::App& program) {
  std::string verbs, cases;
  const auto line = [](std::string name, const std::string& help) {
    return fmt::format("      '{}:{}'\n", name, in_quotes(help));
  };
  for (const CLI::App* verb : program.get_subcommands({})) {
    verbs += line(verb->get_name(), verb->get_description());
    cases += fmt::format("    {})\n      words=(\n", verb->get_name());
    for (const std::string& word : words_after(*verb)) cases += fmt::format("      '{}'\n", word);
    for (const auto& [name, help] : options_of(*verb)) cases += line(name, help);
    cases += "      ) ;;\n";
  }
  return fmt::format(
      "#compdef figment\n"
      "_figment() {{\n"
      "  local -a words\n"
      "  words=(\n{}  )\n"
      "  (( CURRENT > 2 )) && case \"${{words[2]}}\" in\n{}  esac\n"
      "  _describe word words\n"
      "  (( CURRENT > 2 )) && _files\n"
      "}}\n"
      "_figment \"$@\"\n",
      verbs, cases);
}

std::string fish(const CLI::App& program) {
  std::string text;
  for (const CLI::App* verb : program.get_subcommands({})) {
    text += fmt::format("complete -c figment -n __fish_use_subcommand -a {} -d '{}'\n", verb->get_name(),
                        in_quotes(verb->get_description()));
    const std::string here = fmt::format("complete -c figment -n '__fish_seen_subcommand_from {}'", verb->get_name());
    if (const auto words = words_after(*verb); !words.empty()) text += fmt::format("{} -a '{}'\n", here, joined(words));
    for (const auto& [name, help] : options_of(*verb))
      text += fmt::format("{} -l {} -d '{}'\n", here, name.substr(2), in_quotes(help));
  }
  return text;
}

}  // namespace

Verb completion(CLI::App& program) {
  CLI::App* app = program.add_subcommand("completion", "print a script that completes words in your shell");
  auto shell = std::make_shared<std::string>();
  auto common = std::make_shared<Common>();
  app->add_option("SHELL", *shell, "bash, zsh or fish")->required()->type_name("");
  add_common(*app, *common, kComputesNothing);
  app->footer(
      "Examples\n"
      "  eval \"$(figment completion bash)\"                                   in ~/.bashrc\n"
      "  figment completion zsh > ~/.zfunc/_figment                          a folder of $fpath\n"
      "  figment completion fish > ~/.config/fish/completions/figment.fish");
  return {app, [=, &program] {
            constexpr std::array kScripts = {bash, zsh, fish};
            const std::string script = kScripts[position_of(*shell, {"bash", "zsh", "fish"}, "SHELL")](program);
            if (common->json)
              print_json({{"shell", *shell}, {"script", script}});
            else
              std::printf("%s", script.c_str());
          }};
}

}  // namespace figment::cli
