#include "apps/denoise.hpp"

#include <charconv>

#include "apps/command.hpp"
#include "apps/engine_run.hpp"
#include "engine/output.hpp"
#include "partition/io/pending_file.hpp"
#include "partition/memory.hpp"
#include "partition/place/placement.hpp"

namespace gasket {
namespace {

struct Task {
  DenoiseOptions how;
  RunOptions run;
  std::string image, output, noisy_output, compare, placement;
  double add_noise = 0;
  std::optional<double> noise;  // else estimated
  bool samples = false;
};

// -- The command line -------------------------------------------------------------------------------------

void add_options(CommandLine& line) {
  const auto text = [](const char* usual) { return cxxopts::value<std::string>()->default_value(usual); };
  const auto none = [] { return cxxopts::value<std::string>(); };
  line.add("picture")("image", "the noisy picture, .png or .pgm; or shapes:SIZE, a test picture", none(), "FILE")(
      "output", "where the result goes, .png or .pgm", none(), "FILE")(
      "add-noise", "adds noise of this standard deviation (in grey levels, 0 to 255) first, to see the effect", none(),
      "X")("noisy-output", "where the picture with the added noise goes", none(), "FILE")(
      "compare",
      "the picture without noise, to measure the error before and after (default: the image before --add-noise)",
      none(), "FILE");
  line.add("field")("method", "bp: loopy belief propagation; gibbs: Gibbs sampling", text("bp"), "NAME")(
      "labels", "levels of grey from black to white that a pixel may have, 2 to 32", text("16"), "N")(
      "noise", "standard deviation of the noise, in grey levels (default: estimated)", none(), "X")(
      "pair",
      "what neighbours cost each other. linear: their difference, up to --jump; potts: the same when they differ",
      text("linear"), "NAME")(
      "smoothing", "cost of a difference: linear: per 10 grey levels (default: 0.6); potts: (default: 2)", none(), "X")(
      "jump", "linear: a larger difference of neighbours, in grey levels, costs no more: an edge", text("50"), "X")(
      "estimate", "mean: of a pixel's levels by their probabilities; mode: the most likely level", text("mean"),
      "NAME")(
      "sweeps",
      "gibbs: draws per pixel, the first fifth of which does not count; bp: the end after so many updates per pixel",
      text("100"), "N")("tolerance", "bp: smaller changes of a probability are not passed on", text("0.001"), "X")(
      "damping", "bp: the part of a message that stays as it was when it is told anew, below 1", text("0"), "X");
  line.add("grid")("placement", "how the grid of pixels is cut into parts; contiguous: bands of rows",
                   text("contiguous"), "NAME")("seed", "for what is drawn", text("1"), "N");
}

void read_field(const CommandLine& line, Task& task) {
  ImageFieldOptions& field = task.how.field;
  task.samples = line.choice("method", {"bp", "gibbs"}) == "gibbs";
  field.labels = line.number("labels", 2, ImageField::kMostLabels);
  field.potts = line.choice("pair", {"linear", "potts"}) == "potts";
  field.smoothing = line.has("smoothing") ? line.real("smoothing", 0, 40) : field.potts ? 2 : 0.6;
  field.jump = line.real("jump", 0, 255);
  if (field.potts && line.has("jump"))
    throw UsageError("--jump is for --pair linear: with potts all differences cost the same");
  if (line.has("noise")) task.noise = line.real("noise", 0.1, 255);
  task.how.mean = line.choice("estimate", {"mean", "mode"}) == "mean";
  task.how.sweeps = line.number("sweeps", 1, 1'000'000);
  task.how.tolerance = line.real("tolerance", 1e-6, 1);
  task.how.damping = line.real("damping", 0, 0.99);
  task.how.seed = line.number("seed", 0, ~std::uint64_t{0});
  for (const char* option : {"tolerance", "damping"})
    if (task.samples && line.has(option)) throw UsageError(fmt::format("--{} is for --method bp", option));
}

std::string picture_output(Session& session, const CommandLine& line, const std::string& name) {
  if (!line.has(name)) return {};
  const auto path = line.get<std::string>(name);
  check_image_name(name, path);
  return line.output_file(session, name);
}

Task read_task(Session& session, const CommandLine& line) {
  Task task;
  if (!line.has("image")) throw UsageError("denoise: --image FILE is missing; see gasket denoise --help");
  task.image = line.get<std::string>("image");
  read_field(line, task);
  task.how.engine = read_engine_options(line);
  if (task.how.engine.kind == EngineKind::sync || task.how.engine.kind == EngineKind::async)
    throw UsageError(fmt::format("--engine {}: denoise needs neighbours that do not run at once: locking or chromatic",
                                 line.get<std::string>("engine")));
  if (task.samples && line.has("scheduler") && task.how.engine.scheduler == SchedulerKind::priority)
    throw UsageError("--scheduler priority is for --method bp: all draws are alike");
  task.placement = line.get<std::string>("placement");
  find_placement(task.placement);
  if (line.has("add-noise")) task.add_noise = line.real("add-noise", 0, 255);
  if (line.has("compare")) task.compare = line.get<std::string>("compare");
  if (line.has("noisy-output") && !line.has("add-noise")) throw UsageError("--noisy-output needs --add-noise");
  task.output = picture_output(session, line, "output");
  task.noisy_output = picture_output(session, line, "noisy-output");
  if (!task.output.empty() && task.output == task.noisy_output)
    throw UsageError(fmt::format("--output and --noisy-output both name {}", task.output));
  if (line.has("report")) task.run.report = line.output_file(session, "report");
  if (names_standard_output(task.run.report)) summary_stream = stderr;
  task.run.progress = line.machine_options(session);
  return task;
}

// -- Pictures ---------------------------------------------------------------------------------------------

// "shapes:SIZE" or a file.
ReadImage open_image(const std::string& name) {
  constexpr std::string_view kShapes = "shapes:";
  if (!name.starts_with(kShapes)) return read_image(name);
  std::size_t size = 0;
  const char* const end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data() + kShapes.size(), end, size);
  if (parsed.ec != std::errc() || parsed.ptr != end || size < 1 || size > 10'000)
    throw UsageError(fmt::format("--image {}: shapes:SIZE needs a size from 1 to 10000", name));
  return {draw_shapes(size, size), {}};
}

// Rank 0 reads; every rank gets the picture, because a placement may want any pixel anywhere. Collective.
GreyImage share_image(Session& session, const std::string& name, Progress& progress) {
  progress.stage(fmt::format("reading {}", name));
  ReadImage read;
  Communicator& comm = session.communicator();
  comm.agree([&] {
    if (session.rank() == 0) read = open_image(name);
  });
  std::vector<std::uint64_t> size{read.image.width, read.image.height};
  comm.broadcast(size, 0);
  comm.broadcast(read.image.pixels, 0);
  read.image.width = size[0];
  read.image.height = size[1];
  progress.finish();
  if (session.rank() == 0 && !read.notice.empty()) fmt::print(stderr, "gasket: {}: {}\n", name, read.notice);
  return std::move(read.image);
}

struct Pictures {
  GreyImage seen;
  std::optional<GreyImage> clean;
};

Pictures get_pictures(Session& session, const Task& task, Progress& progress) {
  Pictures pictures{share_image(session, task.image, progress), {}};
  GreyImage& seen = pictures.seen;
  if (!task.compare.empty()) {
    pictures.clean = share_image(session, task.compare, progress);
    if (pictures.clean->width != seen.width || pictures.clean->height != seen.height)
      throw_agreed(
          InputError(fmt::format("{}: has {} x {} pixels, but {} has {} x {}", task.compare, pictures.clean->width,
                                 pictures.clean->height, task.image, seen.width, seen.height)));
  } else if (task.add_noise > 0) {
    pictures.clean = seen;
  }
  if (task.add_noise > 0) add_noise(seen, task.add_noise, task.how.seed);
  return pictures;
}

void save_image(Session& session, const std::string& path, const GreyImage& image) {
  if (path.empty()) return;
  session.communicator().agree([&] {
    if (session.rank() == 0) write_image(path, image);
  });
}

// -- The run ----------------------------------------------------------------------------------------------

// What the run can not do without, on top of what loading needs.
void refuse_what_is_too_much(Session& session, const Task& task, const GreyImage& image) {
  session.communicator().agree([&] {
    constexpr auto kRoom = static_cast<double>(ImageField::kMostLabels);
    const double bytes = 64 + (task.samples ? 4 * kRoom : 20 * kRoom);
    const double here = bytes * static_cast<double>(image.pixels.size()) * session.ranks_on_host() / session.size();
    const auto free = static_cast<double>(available_memory());
    if (here > free)
      throw ResourceError(
          fmt::format("{} x {} pixels need at least {:.1f} GB on the host {}, which has {:.1f} GB free; use more "
                      "hosts or a smaller picture",
                      image.width, image.height, here / 1e9, session.host(), free / 1e9));
  });
}

GraphOptions grid_of(const GreyImage& image, const Task& task) {
  GraphOptions options;
  options.path = fmt::format("grid:rows={},cols={}", image.height, image.width);
  options.undirected = true;
  options.placement = task.placement;
  options.seed = task.how.seed;
  options.order = VertexOrder::input;
  return options;
}

void print_error(std::string_view when, const ImageError& error, double threshold) {
  print_summary("{:10} PSNR {:.2f} dB, mean difference {:.2f}, {:.2f}% of the pixels off by more than {:.0f}\n", when,
                error.psnr, error.mean, 100 * error.off, threshold);
}

nlohmann::json to_json(const ImageError& error) {
  return {{"psnr", std::isfinite(error.psnr) ? nlohmann::json(error.psnr) : nlohmann::json()},
          {"mean_difference", error.mean},
          {"off_fraction", error.off}};
}

nlohmann::json parameters_of(const Task& task) {
  const ImageFieldOptions& field = task.how.field;
  nlohmann::json json = {{"image", task.image},
                         {"method", task.samples ? "gibbs" : "bp"},
                         {"labels", field.labels},
                         {"noise", field.noise},
                         {"noise_estimated", !task.noise},
                         {"added_noise", task.add_noise},
                         {"pair", field.potts ? "potts" : "linear"},
                         {"smoothing", field.smoothing},
                         {"estimate", task.how.mean ? "mean" : "mode"},
                         {"sweeps", task.how.sweeps},
                         {"seed", task.how.seed}};
  if (!field.potts) json["jump"] = field.jump;
  if (!task.samples) {
    json["tolerance"] = task.how.tolerance;
    json["damping"] = task.how.damping;
  }
  return json;
}

}  // namespace

ExitCode run_denoise(Session& session, int argc, char** argv) {
  CommandLine line(
      "denoise",
      "takes the noise out of a grey picture: pixels are the vertices of a grid, their true greys labels of a "
      "Markov random field, and each gets the mean (or mode) of what the field says of it",
      {"gasket denoise --image noisy.png --output clean.png",
       "gasket denoise --image photo.png --add-noise 25 --noisy-output noisy.png --output clean.png",
       "gasket denoise --image shapes:256 --add-noise 30 --engine locking --scheduler priority --output out.png",
       "gasket denoise --image scan.pgm --labels 2 --pair potts --estimate mode --output black_on_white.png",
       "mpirun -n 4 gasket denoise --image noisy.png --method gibbs --sweeps 300 --output clean.png"});
  add_options(line);
  add_engine_options(line, EngineKind::chromatic);
  line.reads("image");
  line.reads("compare");
  line.add("run")("report", "write a JSON record of the run", cxxopts::value<std::string>(), "FILE");
  line.add_machine_options();
  if (!line.parse(session, argc, argv)) return ExitCode::ok;
  Task task = read_task(session, line);
  Progress progress(task.run.progress, session.rank());
  const Pictures pictures = get_pictures(session, task, progress);
  const GreyImage& seen = pictures.seen;
  ImageFieldOptions& field = task.how.field;
  field.noise = task.noise.value_or(std::max(1.0, estimate_noise(seen)));
  save_image(session, task.noisy_output, seen);

  refuse_what_is_too_much(session, task, seen);
  const GraphOptions grid_options = grid_of(seen, task);
  const LoadedGraph loaded = load(session, grid_options, {true, true}, false, progress);
  session.set_patience(task.how.engine.patience());
  progress.stage("bringing neighbourhoods together");
  const ScopeGraph grid(loaded.graph);
  const Denoised denoised = (task.samples ? denoise_by_samples : denoise_by_beliefs)(grid, seen, task.how, progress);
  const ValueSlice<std::uint8_t> slice = slice_by_id(loaded.graph, denoised.greys);
  const GreyImage result{seen.width, seen.height,
                         session.communicator().all_gather_spans(std::span<const std::uint8_t>(slice.values.span()))};
  RunSummary summary{"denoise", parameters_of(task), summary_of(denoised.record), 0};
  progress.stage("writing");
  const auto start = std::chrono::steady_clock::now();
  save_image(session, task.output, result);
  summary.write_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  summary.engine = task.how.engine;
  summary.async = denoised.record;
  progress.finish();

  print_graph(session, grid_options, loaded);
  const double threshold = std::ceil(127.5 / static_cast<double>(field.labels - 1));
  if (session.rank() == 0) {
    print_summary("image      {}: {} x {} pixels, noise of {:.1f} grey levels{}\n", task.image, seen.width, seen.height,
                  field.noise, task.noise ? "" : " (estimated)");
    if (pictures.clean) {
      const ImageError before = compare_images(seen, *pictures.clean, threshold);
      const ImageError after = compare_images(result, *pictures.clean, threshold);
      summary.parameters["error"] = {{"before", to_json(before)}, {"after", to_json(after)}};
      print_error("before", before, threshold);
      print_error("after", after, threshold);
    }
  }
  finish_run(session, grid_options, task.run, loaded, summary);
  if (session.rank() == 0 && !task.output.empty())
    print_summary("written    {} in {:.2f} s\n", task.output, summary.write_seconds);
  return ExitCode::ok;
}

}  // namespace gasket
