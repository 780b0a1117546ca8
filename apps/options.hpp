#pragma once
// The flags that subcommands share, and the plumbing around cxxopts: one way to say help, one way to refuse.

#include <cstdint>
#include <cxxopts.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "apps/progress.hpp"
#include "engine/run_record.hpp"
#include "partition/comm/session.hpp"
#include "partition/graph/vertex_order.hpp"

namespace gasket {

/// How the graph is read and placed.
struct GraphOptions {
  std::string path;
  std::string format = "auto";
  bool names = false;              // ids are strings
  std::uint64_t memory_limit = 0;  // bytes per rank; 0: none
  bool undirected = false;
  bool drop_self_loops = false;
  bool drop_duplicates = false;
  std::string placement = "auto";  // "atoms" where the graph is cut already
  bool placement_given = false;    // on the command line
  std::uint64_t seed = 1;
  std::vector<double> weights;  // of the ranks; none when all are alike
  bool probe_weights = false;   // they are to be measured
  VertexOrder order = VertexOrder::automatic;
};

/// How a program is run and what becomes of its results.
struct RunOptions {
  Direction direction = Direction::automatic;
  std::string output;
  std::size_t top = 0;
  std::string report;
  ProgressMode progress = ProgressMode::automatic;
};

/// Whether a command's supersteps may push or pull.
enum class Directions { choice, fixed };

/// One subcommand's command line.
class CommandLine {
 public:
  /// `examples` are whole lines for the end of the help text.
  CommandLine(std::string_view command, std::string_view summary, std::vector<std::string> examples);

  /// A group of options of the help text. A command's own come first, in the order in which they are added.
  cxxopts::OptionAdder add(const std::string& group);
  /// How a graph is read.
  void add_input_options();
  /// The same, and how it is placed.
  void add_graph_options();
  void add_memory_option();
  /// --threads and --progress.
  void add_machine_options();
  /// The same, and how a program runs and what becomes of its results. `top`: what --top K prints, as "K vertices of
  /// highest rank".
  void add_run_options(std::string_view top, Directions directions = Directions::choice);
  /// An option that names a file to be read, which no output may replace.
  void reads(const std::string& name) { inputs_.push_back(name); }
  /// Names of arguments without a dash, in order.
  void positional(const std::vector<std::string>& names, const std::string& usage);

  /// False when help was asked for (rank 0 has printed it). Throws UsageError for anything unknown or malformed.
  bool parse(const Session& session, int argc, char** argv);

  bool has(const std::string& name) const { return result_.count(name) > 0; }
  /// A flag without a value; --name=false is no.
  bool flag(const std::string& name) const { return has(name) && get<bool>(name); }
  template <class T>
  T get(const std::string& name) const {
    return result_[name].as<T>();
  }
  /// The value of --name, which must be one of `allowed`.
  std::string choice(const std::string& name, const std::vector<std::string>& allowed) const;
  /// An unsigned decimal number; refuses signs, letters and numbers above `highest`. `or_else`: what else the user may write,
  /// to end the sentence with.
  std::uint64_t number(const std::string& name, std::uint64_t lowest, std::uint64_t highest,
                       std::string_view or_else = {}) const;
  /// A finite number in [lowest, highest].
  double real(const std::string& name, double lowest, double highest) const;

  /// The id of a vertex: digits, or, where ids are strings, anything.
  std::string vertex_id(const std::string& name, const GraphOptions& graph) const;
  /// --memory-limit: bytes, or 0.
  std::uint64_t memory_limit() const;

  GraphOptions graph_options() const;
  /// Sets the number of worker threads, and warns on stderr when cores are missing for them.
  ProgressMode machine_options(const Session& session) const;
  /// The same, and what add_run_options added.
  RunOptions run_options(Session& session) const;
  /// The value of --name, which must be a file that rank 0 can write and is not the graph. Collective. Throws
  /// UsageError, InputError (agreed).
  std::string output_file(Session& session, const std::string& name) const;

 private:
  std::string command_;
  cxxopts::Options options_;
  std::vector<std::string> examples_;
  bool places_ = false;  // has the options of a placement
  Directions directions_ = Directions::fixed;
  std::vector<std::string> inputs_;  // options that name files to be read
  std::vector<std::string> groups_;  // the command's own
  cxxopts::ParseResult result_;
};

}  // namespace gasket
