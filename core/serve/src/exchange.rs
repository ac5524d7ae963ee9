//! One request and its answer: bounds first, then a place in the queue, then the judge.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Full};
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use provost_model::Problem;
use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{timeout, timeout_at};
use tracing::{Instrument as _, Span};

use crate::answer::{self, Said};
use crate::decision::{Decision, RecordState, Recording, log};
use crate::judge::judge;
use crate::judging::Loaded;
use crate::lanes::{Job, Lane, Refused};
use crate::message::{denial, warnings};
use crate::mutate::mend;
use crate::review::{Endpoint, read};
use crate::state::State;
use crate::{duration, review, spans};

/// What every answer is.
pub(crate) type Answer = Response<Full<Bytes>>;

/// An HTTP error: what is answered where nothing was decided.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u16,
    message: String,
}

impl Failure {
    fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Answers a request of the webhook's port. It never fails, and it never allows what was not
/// judged.
pub(crate) async fn answer<B>(state: Arc<State>, request: Request<B>) -> Answer
where
    B: hyper::body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let span = spans::review(request.headers());
    answering(state, request).instrument(span).await
}

async fn answering<B>(state: Arc<State>, request: Request<B>) -> Answer
where
    B: hyper::body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let started = Instant::now();
    match decided(&state, request, started).await {
        Ok(body) => {
            spans::answered(200);
            response(200, body)
        }
        Err(Failure { code, message }) => {
            tracing::warn!(code, message, "a request is answered with an error");
            state.metrics.failed(code);
            spans::answered(code);
            let mut response = response(code, answer::error(code, &message));
            if matches!(code, 429 | 503) {
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            response
        }
    }
}

/// A response of JSON.
pub(crate) fn response(code: u16, body: Vec<u8>) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() =
        StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

async fn decided<B>(
    state: &Arc<State>,
    request: Request<B>,
    started: Instant,
) -> Result<Vec<u8>, Failure>
where
    B: hyper::body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let endpoint = endpoint(&request)?;
    let until = started + allowed_time(state, request.uri().query())?;
    let (body, permit) = body(state, request.into_body(), until).await?;
    let body_at = Instant::now();
    let loaded = state.loaded().ok_or_else(|| Failure::new(503, "nothing is loaded yet"))?;
    let lane = if is_dry_run(&body) { Lane::DryRun } else { Lane::Review };
    let (sender, receiver) = oneshot::channel();
    let job_state = Arc::clone(state);
    let review = Span::current();
    let work = Box::new(move || {
        let _judging = spans::judging(&review).entered();
        let result = decide(&job_state, &loaded, endpoint, &body, until);
        drop(body);
        // Whoever asked may have gone. It is under way until it is recorded.
        let _ = sender.send((result, permit));
    });
    state.lanes.add(lane, Job { until, work }).map_err(|refused| match refused {
        Refused::Full => {
            state.metrics.shed(lane);
            Failure::new(429, format!("more than {} reviews wait", state.options.queue))
        }
        Refused::Stopped => Failure::new(503, "the server is stopping"),
    })?;
    let (decided, _permit) = match timeout_at(until.into(), receiver).await {
        Ok(Ok((decided, permit))) => (decided?, permit),
        // The judge panicked, or the review waited for too long.
        Ok(Err(_)) if Instant::now() < until => {
            return Err(Failure::new(500, "a bug in Provost: see its log"));
        }
        Ok(Err(_)) | Err(_) => return Err(too_late()),
    };
    let answer = recorded(state, decided, until).await?;
    state.metrics.took(endpoint, body_at.elapsed());
    Ok(answer)
}

fn too_late() -> Failure {
    Failure::new(504, "not decided in the time that was given")
}

/// What was decided, and is being recorded.
struct Decided {
    decision: Decision,
    said: Said,
    recording: Option<Result<Recording, Problem>>,
}

/// Waits until the decision is on record, then answers.
///
/// A no needs no record to be right: to answer it with an error would let the change pass where
/// `failurePolicy` is `Ignore`, because a disk is full.
async fn recorded(state: &State, decided: Decided, until: Instant) -> Result<Vec<u8>, Failure> {
    let Decided { mut decision, said, recording } = decided;
    decision.record = match recording {
        None => RecordState::Off,
        Some(recording) => {
            let span = spans::recording();
            let entry = match recording {
                Err(problem) => Err(unrecorded(&problem)),
                Ok(recording) => match timeout_at(until.into(), recording).instrument(span).await {
                    Ok(entry) => entry.map_err(|problem| unrecorded(&problem)),
                    Err(_) => Err(Failure::new(504, "not recorded in the time that was given")),
                },
            };
            match entry {
                Ok(entry) => RecordState::As(entry),
                Err(failure) => {
                    state.metrics.unrecorded();
                    tracing::error!(
                        decision = decision.id,
                        problem = failure.message,
                        "unrecorded"
                    );
                    if decision.allowed {
                        return Err(failure);
                    }
                    RecordState::Failed
                }
            }
        }
    };
    log(&decision);
    spans::decided(&decision);
    state.metrics.decided(&decision);
    Ok(answer::body(&decision, &said))
}

fn unrecorded(problem: &Problem) -> Failure {
    Failure::new(500, format!("the decision could not be recorded: {}", problem.message))
}

/// What is asked, by path and method.
fn endpoint<B>(request: &Request<B>) -> Result<Endpoint, Failure> {
    let endpoint = match request.uri().path() {
        "/validate" => Endpoint::Validate,
        "/mutate" => Endpoint::Mutate,
        _ => return Err(Failure::new(404, "the paths are /validate and /mutate")),
    };
    if request.method() != Method::POST {
        return Err(Failure::new(405, "an AdmissionReview is sent with POST"));
    }
    let kind = request.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    if !kind.to_ascii_lowercase().starts_with(b"application/json") {
        return Err(Failure::new(415, "the content type is not `application/json`"));
    }
    Ok(endpoint)
}

/// How long the answer may take: what the API server gives, less what sending takes.
fn allowed_time(state: &State, query: Option<&str>) -> Result<Duration, Failure> {
    let most = state.options.deadline;
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, text)) = pairs.find(|(name, _)| *name == "timeout") else { return Ok(most) };
    let given = duration::parse(text)
        .filter(|given| !given.is_zero())
        .ok_or_else(|| Failure::new(400, "`timeout` is no duration such as `10s`"))?;
    let sending = (given / 10).min(Duration::from_millis(250));
    Ok((given - sending).min(most))
}

/// The whole body, within the bounds of size, time and memory.
async fn body<B>(
    state: &State,
    mut body: B,
    until: Instant,
) -> Result<(Bytes, OwnedSemaphorePermit), Failure>
where
    B: hyper::body::Body<Data = Bytes> + Send + Unpin,
    B::Error: std::fmt::Display,
{
    let most = state.options.body_bytes;
    let too_large = || Failure::new(413, format!("the body has more than {most} bytes"));
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > most {
        return Err(too_large());
    }
    let mut permit = reserve(state, announced.max(1))?;
    let mut bytes = BytesMut::with_capacity(announced);
    let wait = state.options.body.min(until.saturating_duration_since(Instant::now()));
    let read = async {
        while let Some(frame) = body.frame().await {
            let frame =
                frame.map_err(|error| Failure::new(400, format!("the body broke off: {error}")))?;
            let Ok(data) = frame.into_data() else { continue };
            if bytes.len() + data.len() > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&data);
            let held = permit.num_permits() * 1024;
            if bytes.len() > held {
                // In steps, so that a body in small pieces costs few of them.
                permit.merge(reserve(state, (bytes.len() - held).max(64 * 1024))?);
            }
        }
        Ok(())
    };
    match timeout(wait, read).await {
        Ok(result) => result?,
        Err(_) => return Err(Failure::new(408, "the body did not come in time")),
    }
    Ok((bytes.freeze(), permit))
}

fn reserve(state: &State, bytes: usize) -> Result<OwnedSemaphorePermit, Failure> {
    let count = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    Arc::clone(&state.bodies).try_acquire_many_owned(count).map_err(|_| {
        state.metrics.shed(Lane::Review);
        Failure::new(429, "too many bytes of requests are under way")
    })
}

/// Is it a dry run? Only which queue it waits in depends on that, so the words are looked for
/// where an API server writes them: behind the objects.
fn is_dry_run(body: &[u8]) -> bool {
    let words: &[u8] = b"\"dryRun\":true";
    let end = body.get(body.len().saturating_sub(4096)..).unwrap_or_default();
    end.windows(words.len()).any(|window| window == words)
}

/// Reads, judges, and begins to record. It runs on a judging thread.
fn decide(
    state: &State,
    loaded: &Arc<Loaded>,
    endpoint: Endpoint,
    body: &[u8],
    until: Instant,
) -> Result<Decided, Failure> {
    let mut review = read(body, &loaded.limits)
        .map_err(|review::Malformed { status, message }| Failure::new(status, message))?;
    let (judged, said) = match endpoint {
        Endpoint::Validate => {
            let judged = judge(loaded, &mut review, endpoint, Some(until));
            let denial = (!judged.decision.allowed).then(|| denial(loaded, &judged));
            let said = Said { denial, warnings: warnings(loaded, &judged), patch: None };
            (judged, said)
        }
        Endpoint::Mutate => {
            let mended = mend(loaded, review, Some(until)).map_err(|why| Failure::new(500, why))?;
            let mut judged = mended.judged;
            // To refuse is for `/validate`: others may mend what is left. But what could not
            // be judged could not be mended either.
            judged.decision.allowed |= judged.decision.unknown.is_empty();
            judged.decision.patched = mended.patch.len();
            let denial = (!judged.decision.allowed).then(|| denial(loaded, &judged));
            (judged, Said { denial, warnings: Vec::new(), patch: Some(mended.patch) })
        }
    };
    if Instant::now() >= until {
        return Err(too_late());
    }
    state.prover.consider(loaded, &judged.change, &judged.assessment, body.len());
    let recording = state.recorder.as_ref().map(|recorder| recorder.record(&judged));
    Ok(Decided { decision: judged.decision, said, recording })
}
