// Every error a caller can meet. Messages read `where: rule, got; what to do`.
#pragma once
#include <stdexcept>
#include <string>

namespace figment {

/// A situation the user can mend; the program shows the sentence and exits with 2. Anything else that is thrown is our
/// mistake (exit 1).
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A recipe, a setting, a word of the command line.
struct ConfigError : Error {
  using Error::Error;
};
/// A data set or a file that cannot be used.
struct DataError : Error {
  using Error::Error;
};
/// The system refused: no space, no permission, no such file.
struct FileError : Error {
  using Error::Error;
};
/// A file of tensors that does not fit or is damaged.
struct CheckpointError : Error {
  using Error::Error;
};
/// A tensor of the wrong extents.
struct ShapeError : Error {
  using Error::Error;
};
/// A run that is locked, finished, missing or of another kind.
struct RunError : Error {
  using Error::Error;
};

/// The loss stopped being a number; the last good checkpoint is untouched.
struct TrainingDiverged : Error {
  using Error::Error;
};

/// A signal asked for a stop; where a training was going on, its state is saved. The program exits with 128 + signal.
struct Interrupted : Error {
  Interrupted(int signal_number, const std::string& sentence) : Error(sentence), signal(signal_number) {}
  int signal;
};

}  // namespace figment
